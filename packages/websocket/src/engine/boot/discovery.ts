import { resolve } from "node:path";
import { ClassMetadata, type AnyClass } from "../../class-metadata";
import { IMPORTS } from "../../injection";
import type { VernalError } from "../../errors";
import { HANDLER_MAPPING } from "../../websocket-handler";
import { notAComponent } from "../../wiring-errors";

export interface Discovery {
  /** Each class once, in the order in which it was found. */
  readonly classes: readonly AnyClass[];
  readonly problems: readonly VernalError[];
  /** Handlers that a scan has loaded and nobody has named or exported. */
  readonly forgotten: readonly AnyClass[];
}

/** Finds the decorated classes that `scan` and `components` name. */
export async function discover(
  folders: readonly string[],
  components: readonly AnyClass[],
): Promise<Discovery> {
  const classes = new Set<AnyClass>();
  const problems: VernalError[] = [];
  const decorated = new Set<AnyClass>();
  if (folders.length > 0) {
    // Loaded here, because who lists components needs nothing of the file system.
    const { scanFolder } = require("./scan") as typeof import("./scan");
    for (const folder of folders) {
      const found = await scanFolder(resolve(folder), problems, decorated);
      for (const each of found) classes.add(each);
    }
  }
  for (const each of components) {
    if (ClassMetadata.isOn(each)) classes.add(each);
    else problems.push(notAComponent("The option components", nameOf(each)));
  }
  // A set visits what is added while it is walked: imports of imports too.
  for (const each of classes) {
    for (const imported of IMPORTS.read(each) ?? []) {
      if (ClassMetadata.isOn(imported)) classes.add(imported);
      else problems.push(notAComponent(`@Import on ${each.name}`, nameOf(imported)));
    }
  }
  const isForgotten = (each: AnyClass): boolean =>
    HANDLER_MAPPING.read(each) !== undefined && !classes.has(each);
  return { classes: [...classes], problems, forgotten: [...decorated].filter(isForgotten) };
}

function nameOf(value: unknown): string {
  return typeof value === "function" && value.name !== "" ? value.name : String(value);
}
