import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { joinModules } from "./join.mjs";
import { isMain, root, runNode, tsc, workspaces } from "./repository.mjs";
import { setup } from "./setup.mjs";
import { assembleTemplates } from "./templates.mjs";

/** Compiles the packages and apps; stops at the first that fails, because the next ones need its types. */
export async function build() {
  for (const folder of workspaces()) {
    const project = join(folder, "tsconfig.build.json");
    if (!existsSync(join(root, project))) continue;
    // What a deleted source file left behind would still be found by a component scan.
    rmSync(join(root, folder, "dist"), { recursive: true, force: true });
    const result = await runNode([tsc, "-p", project]);
    if (!result.ok) return result;
    if (folder === "packages/websocket") joinModules(join(root, folder, "dist"));
    if (folder === "packages/create-ws-app") assembleTemplates(join(root, folder, "dist/templates"));
  }
  return { ok: true, output: "" };
}

if (isMain(import.meta.url)) {
  try {
    await setup();
    const { ok, output } = await build();
    process.stdout.write(output);
    if (!ok) process.exitCode = 1;
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
