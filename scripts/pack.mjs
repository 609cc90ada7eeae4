import { join } from "node:path";
import { readJson, root, run, workspaces } from "./repository.mjs";

/** Packs what is published into `folder`; gives where each package lies, or what went wrong. */
export async function pack(folder, show) {
  const { packageManager } = readJson("package.json");
  const tarballs = {};
  for (const workspace of workspaces()) {
    const { name, version, private: isPrivate } = readJson(workspace, "package.json");
    if (isPrivate) continue;
    show(`packing ${name}`);
    const args = ["--yes", packageManager, "pack", "--pack-destination", folder];
    const packed = await run("npx", args, { cwd: join(root, workspace) });
    if (!packed.ok) return packed;
    tarballs[name] = join(folder, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
  }
  return { ok: true, output: "", tarballs };
}
