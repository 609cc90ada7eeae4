import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { basename, dirname } from "node:path";
import { run } from "./repository.mjs";

// The place of this registry is another one each time.
const headers = { "Cache-Control": "no-store" };

/**
 * A package registry on this machine that has what was packed, and sends whoever asks for another package to the registry
 * that npm uses, until it is closed.
 */
export async function serveRegistry(tarballs) {
  const upstream = (await run("npm", ["config", "get", "registry", "--loglevel=error"])).output.trim();
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, url).pathname);
    const tarball = Object.values(tarballs).find((each) => path === `/-/${basename(each)}`);
    const name = path.slice(1);
    if (tarball) createReadStream(tarball).pipe(response.writeHead(200, headers));
    else if (name in tarballs) response.writeHead(200, headers).end(describe(tarballs[name], url));
    else
      response.writeHead(302, { ...headers, Location: new URL(request.url.slice(1), upstream).href }).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** What a registry says about a package of which this is the only version. */
function describe(tarball, url) {
  const args = ["-xzOf", basename(tarball), "package/package.json"];
  const manifest = JSON.parse(execFileSync("tar", args, { cwd: dirname(tarball) }));
  const { name, version } = manifest;
  const hash = (algorithm) => createHash(algorithm).update(readFileSync(tarball));
  const dist = {
    tarball: `${url}/-/${basename(tarball)}`,
    integrity: `sha512-${hash("sha512").digest("base64")}`,
    shasum: hash("sha1").digest("hex"),
  };
  // Some package managers take no version that is younger than a few days.
  const time = "2026-01-01T00:00:00.000Z";
  return JSON.stringify({
    name,
    "dist-tags": { latest: version },
    versions: { [version]: { ...manifest, dist } },
    time: { created: time, modified: time, [version]: time },
  });
}
