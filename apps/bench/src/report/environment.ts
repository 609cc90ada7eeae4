import { existsSync, readFileSync, realpathSync } from "node:fs";
import { availableParallelism, cpus, release, type } from "node:os";
import { dirname, join } from "node:path";
import { peers } from "../peers/catalogue";

/** Where and with what the figures were made. */
export interface Environment {
  readonly node: string;
  readonly v8: string;
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  /** By peer, then by package; `ws` is the one that the peer really loads, `bufferutil` what that finds. */
  readonly packages: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export function environment(): Environment {
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    kernel: `${type()} ${release()}`,
    packages: Object.fromEntries(peers.map((peer) => [peer.name, versionsOf(peer.packages, peer.wsThrough)])),
  };
}

function versionsOf(
  packages: readonly string[],
  wsThrough: readonly string[] | undefined,
): Readonly<Record<string, string>> {
  const versions: Record<string, string> = {};
  for (const name of packages) versions[name] = versionIn(folderOf(name, __dirname));
  const ws = wsThrough && [...wsThrough, "ws"].reduce((from, name) => folderOf(name, from), __dirname);
  versions["ws"] = ws === undefined ? "its own copy" : versionIn(ws);
  const addOn = ws && findFolder("bufferutil", ws);
  if (addOn !== undefined) versions["bufferutil"] = versionIn(addOn);
  return versions;
}

function folderOf(name: string, from: string): string {
  const folder = findFolder(name, from);
  if (folder === undefined) throw new Error(`The package ${name} is not installed.`);
  return folder;
}

/** As `require` looks for it, but for its manifest, which some packages do not let be required. */
function findFolder(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return realpathSync(candidate);
    if (folder === dirname(folder)) return undefined;
  }
}

function versionIn(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;
}
