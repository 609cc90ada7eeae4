import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";

const ENTRY = "index.js";
const JOINED = "modules.js";
/** No name that a module could have for something of its own. */
const LOAD = "$loadModule";
const MAP_COMMENT = /^\/\/# sourceMappingURL=.*$/m;
const OWN = /\brequire\("(\.[^"]+)"\)/g;

/**
 * Puts all modules of a compiled package but its entry into one file, each as it is and in a function of its own, and
 * their maps into one: Node takes a third of a millisecond to find, read and compile a file, and nearly nothing for a
 * function. The entry stays, because Node reads the names that it exports from its text; so do the declarations.
 */
export function joinModules(folder) {
  const lines = ['"use strict";', "const modules = {"];
  const sections = [];
  const names = modulesOf(folder);
  for (const name of names) {
    const map = JSON.parse(readFileSync(join(folder, `${name}.map`), "utf8"));
    map.sources = map.sources.map((source) => posix.join(posix.dirname(name), source));
    lines.push(`"${name}"(exports) {`);
    sections.push({ offset: { line: lines.length, column: 0 }, map });
    const code = readFileSync(join(folder, name), "utf8").replace(MAP_COMMENT, "");
    lines.push(...withoutPaths(code, name, names, LOAD).trimEnd().split("\n"), "},");
    rmSync(join(folder, name));
    rmSync(join(folder, `${name}.map`));
  }
  lines.push(
    "};",
    "const loaded = {};",
    `function ${LOAD}(name) {`,
    "  let exports = loaded[name];",
    "  if (exports !== undefined) return exports;",
    "  exports = loaded[name] = {};",
    "  try {",
    "    modules[name](exports);",
    "  } catch (error) {",
    "    // Like Node: who asks again tries again.",
    "    delete loaded[name];",
    "    throw error;",
    "  }",
    "  return exports;",
    "}",
    `module.exports = ${LOAD};`,
    `//# sourceMappingURL=${JOINED}.map`,
  );
  writeFileSync(join(folder, JOINED), `${lines.join("\n")}\n`);
  writeFileSync(
    join(folder, `${JOINED}.map`),
    JSON.stringify({ version: 3, file: JOINED, sources: [], sections }),
  );
  const entry = readFileSync(join(folder, ENTRY), "utf8");
  writeFileSync(join(folder, ENTRY), withoutPaths(entry, ENTRY, names, `require("./${JOINED}")`));
}

function modulesOf(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".js") && name !== ENTRY)
    .sort();
}

/** On the same lines, so that the map holds. */
function withoutPaths(code, name, names, load) {
  return code.replace(OWN, (_, path) => {
    const target = `${posix.join(posix.dirname(name), path)}.js`;
    if (!names.includes(target)) throw new Error(`${name} requires ${path}, which is no module: join.mjs`);
    return `${load}("${target}")`;
  });
}
