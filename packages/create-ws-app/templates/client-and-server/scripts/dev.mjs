// One command for both sides: Vite serves the page on PORT and shows each change of it, and passes on connections to the
// server, which scripts/dev-server.mjs compiles and restarts.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";

if (existsSync(".env")) process.loadEnvFile();

const port = process.env.PORT ?? "8080";
if (!/^\d+$/.test(port)) {
  console.error(`PORT is "${port}". Set it to a number, such as 8080, or remove it.`);
  process.exit(1);
}
const serverPort = await freePort();
const server = { HOST: "127.0.0.1", PORT: serverPort, PAGE_URL: `http://localhost:${port}` };
const programs = [
  run(["scripts/dev-server.mjs", "server"], server),
  run(["node_modules/vite/bin/vite.js", "client"], { PORT: port, SERVER_PORT: serverPort }),
];

// Neither is of use without the other.
const ends = programs.map(async (program) => {
  const [code] = await once(program, "exit");
  end(code ?? 1);
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => end(0));
await Promise.all(ends);

function run(args, env) {
  return spawn(process.execPath, args, { stdio: "inherit", env: { ...process.env, ...env } });
}

/** The first reason counts. */
function end(exitCode) {
  process.exitCode ??= exitCode;
  for (const program of programs) program.kill("SIGTERM");
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return String(port);
}
