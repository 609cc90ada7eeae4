import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { format } from "prettier";
import ts from "typescript";
import { isMain, root } from "./repository.mjs";

const page = "docs/reference/options.md";
const folder = "packages/websocket/src";
/** The interfaces, and where the ranges of their numbers stand. */
const chapters = [
  {
    title: "Limits of a connection",
    file: "options.ts",
    name: "ConnectionOptions",
    ranges: "options.ts",
    text: "Options of the application, of a handler, whose value wins, and of a client. The three that count sessions hold side by side for application and handler, and a client has none of them.",
  },
  {
    title: "A rate",
    file: "options.ts",
    name: "MessageRate",
    text: "The value of `messageRate`.",
  },
  {
    title: "A handler",
    file: "websocket-handler.ts",
    name: "WebSocketHandlerOptions",
    text: "The second argument of `@WebSocketHandler`, and what `setOptions` of a registration takes, beside the limits above.",
  },
  {
    title: "An application",
    file: "websocket-application-options.ts",
    name: "ApplicationOptions",
    ranges: "engine/boot/option-check.ts",
    text: "For `run`, `start` and `attach`, beside the limits above.",
  },
  {
    title: "An application with a server of its own",
    file: "websocket-application-options.ts",
    name: "WebSocketApplicationOptions",
    ranges: "engine/boot/option-check.ts",
    text: "For `run` and `start` only: `attach` has the server of its host.",
  },
  {
    title: "The handshake of a client",
    file: "websocket-client-options.ts",
    name: "ClientHandshakeOptions",
    ranges: "engine/client/client-options.ts",
    text: "For a `WebSocketClient`, for one call of `execute`, whose values win, and, but for `headers`, for a `WebSocketConnectionManager`.",
  },
  {
    title: "A client",
    file: "websocket-client-options.ts",
    name: "WebSocketClientOptions",
    text: "For a `WebSocketClient`, beside its handshake and the limits of a connection.",
  },
  {
    title: "One call of execute",
    file: "websocket-client-options.ts",
    name: "ExecuteOptions",
    text: "Beside the options of the handshake.",
  },
  {
    title: "A connection manager",
    file: "websocket-connection-manager-options.ts",
    name: "WebSocketConnectionManagerOptions",
    ranges: "engine/client/manager-options.ts",
    text: "For a `WebSocketConnectionManager`, beside the options of the handshake.",
  },
  {
    title: "The queue of a connection manager",
    file: "websocket-connection-manager-options.ts",
    name: "SendQueueOptions",
    ranges: "engine/client/manager-options.ts",
    text: "The value of its option `queue`.",
  },
];
/** Interfaces whose names end alike and that are chosen by nobody. */
const withoutOptions = new Set(["AttachedApplicationOptions"]);
const units = { Bytes: "bytes", Ms: "milliseconds", Seconds: "seconds" };
const intro = `# Options

Every option of \`@vernal/websocket\`: what it is for, its unit, its default, and why that is the default. A name that
is none, and a value that cannot be, are reported at boot, with every other problem; of a client they are thrown by the
constructor. Who sets nothing gets what stands here; [a server that anybody can reach](../guides/public-server.md) says what to set there.

This page is made by \`node scripts/options-page.mjs\` out of the comments in
[\`packages/websocket/src\`](../../packages/websocket/src); change it there.
`;

/** Whether the page is what the sources make of it, every option says its default and why, and the code agrees. */
export async function checkOptionsPage() {
  try {
    const written = existsSync(join(root, page)) ? readFileSync(join(root, page), "utf8") : "";
    if (written === (await render(readOptions()))) return { ok: true, output: "" };
    return { ok: false, output: `${page} is out of date: run node scripts/options-page.mjs\n` };
  } catch (error) {
    return { ok: false, output: `${error.message}\n` };
  }
}

/** The chapters with their options. */
function readOptions() {
  const problems = forgottenInterfaces();
  const sources = readSources();
  const read = chapters.map((chapter) => {
    const ranges = chapter.ranges === undefined ? new Map() : rangesIn(chapter.ranges);
    const options = membersOf(chapter).map((member) => ({ ...member, range: ranges.get(member.name) }));
    for (const option of options) {
      const where = `${folder}/${chapter.file}: ${chapter.name}.${option.name}`;
      problems.push(...problemsOf(option, sources).map((problem) => `${where} ${problem}`));
    }
    return { ...chapter, options };
  });
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return read;
}

/** Exported interfaces called …Options that no chapter is about. */
function forgottenInterfaces() {
  const known = new Set([...chapters.map(({ name }) => name), ...withoutOptions]);
  return publicFiles().flatMap((file) =>
    parse(file)
      .statements.filter((each) => ts.isInterfaceDeclaration(each) && each.name.text.endsWith("Options"))
      .filter(({ name }) => !known.has(name.text))
      .map(({ name }) => `${folder}/${file}: scripts/options-page.mjs has no chapter for ${name.text}`),
  );
}

function problemsOf({ isOptional, text, fallback, hasReason, name }, sources) {
  if (text === "") return ["has no comment"];
  if (!isOptional) return [];
  if (fallback === undefined) return ["does not say its default"];
  if (!hasReason) return ["does not say why its default is what it is"];
  const literal = literalIn(fallback);
  if (literal === undefined) return [];
  // Of texts the code names the other one as well.
  if (literal.startsWith('"')) return [];
  const inCode = defaultsInCode(name, sources);
  if (literal === "false" && inCode.size === 0) return [];
  return inCode.has(literal) ? [] : [`says the default ${literal}, and the code ${[...inCode].join(" or ")}`];
}

/** The options of an interface, without what it inherits. */
function membersOf({ file, name }) {
  const source = parse(file);
  const found = source.statements.find((each) => ts.isInterfaceDeclaration(each) && each.name.text === name);
  if (found === undefined) throw new Error(`${folder}/${file} has no interface ${name}`);
  return found.members.map((member) => {
    const comment = ts.getTextOfJSDocComment(member.jsDoc?.at(-1)?.comment) ?? "";
    const text = comment.trim();
    return {
      name: member.name.text,
      type: member.type.getText(source).replace(/\s+/g, " "),
      isOptional: member.questionToken !== undefined,
      text,
      ...defaultIn(text),
    };
  });
}

/** `Default 64: enough for …`, and the forms `Default: none.` and `Milliseconds, default 5000, as in Spring.` */
function defaultIn(text) {
  const flat = text.replace(/\s+/g, " ");
  const [, fallback, mark] = /\b[Dd]efault:? (.+?)(, as in Spring|[:;.](?= |$)|$)/.exec(flat) ?? [];
  return { fallback, hasReason: mark === ":" || mark === ", as in Spring" };
}

/** A number, `false` or a string as the code would write it; `undefined` for a description. */
function literalIn(fallback) {
  const plain = fallback.replaceAll("`", "");
  if (/^\d[\d ]*$/.test(plain)) return plain.replaceAll(" ", "");
  return /^(?:false|"[^"]*")$/.test(plain) ? plain : undefined;
}

/** What `name: 5`, `name = 5` and `name ?? 5` say, constants included. */
function defaultsInCode(name, sources) {
  const pattern = new RegExp(`\\b${name}(?::| =| \\?\\?) ([\\d_ *]*\\d|[A-Z][A-Z_]+|false)`, "g");
  const found = new Set();
  for (const source of sources) {
    for (const [, value] of source.matchAll(pattern)) {
      const constant = /^[A-Z]/.test(value)
        ? new RegExp(`const ${value} = ([\\d_ *]+);`).exec(source)?.[1]
        : value;
      if (constant !== undefined) found.add(/^\d/.test(constant) ? String(evaluate(constant)) : constant);
    }
  }
  return found;
}

/** The ranges that boot checks, by option. */
function rangesIn(file) {
  const source = parse(file);
  const constants = new Map();
  const ranges = new Map();
  for (const statement of source.statements.filter(ts.isVariableStatement)) {
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (initializer === undefined) continue;
      if (/^[\d_ *]+$/.test(initializer.getText())) constants.set(name.text, evaluate(initializer.getText()));
      if (name.text.endsWith("RANGES")) collectRanges(initializer, constants, ranges);
    }
  }
  return ranges;
}

function collectRanges(node, constants, ranges) {
  if (ts.isPropertyAssignment(node) && ts.isArrayLiteralExpression(node.initializer)) {
    const bounds = node.initializer.elements.map((each) =>
      ts.isIdentifier(each) ? constants.get(each.text) : evaluate(each.getText()),
    );
    ranges.set(node.name.text, bounds);
  }
  ts.forEachChild(node, (child) => collectRanges(child, constants, ranges));
}

function evaluate(product) {
  return product
    .replaceAll("_", "")
    .split("*")
    .reduce((value, factor) => value * Number(factor), 1);
}

function publicFiles() {
  return readdirSync(join(root, folder)).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
}

function readSources() {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => readFileSync(join(root, folder, file), "utf8"));
}

function parse(file) {
  const text = readFileSync(join(root, folder, file), "utf8");
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}

function render(read) {
  const anchors = new Set(read.map(({ title }) => anchorOf(title)));
  const parts = read.map(({ title, name, file, text, options }) => {
    const rows = [];
    const entries = [];
    for (const option of options) {
      const anchor = freeAnchor(anchorOf(option.name), anchors);
      rows.push(`| [\`${option.name}\`](#${anchor}) | ${inCell(shownDefault(option))} | ${unitOf(option)} |`);
      entries.push(`### ${option.name}\n\n${factsOf(option).join(" · ")}\n\n${option.text}\n`);
    }
    const source = `[\`${name}\`](../../${folder}/${file})`;
    const table = `| option | default | unit |\n| --- | --- | --- |\n${rows.join("\n")}\n`;
    return `## ${title}\n\n${wrap(`${source}. ${text}`)}\n\n${table}\n${entries.join("\n")}`;
  });
  return format([intro, ...parts].join("\n"), { parser: "markdown", printWidth: 110 });
}

function factsOf(option) {
  const facts = [`\`${option.type}\``, option.isOptional ? `default ${option.fallback}` : "has to be given"];
  if (unitOf(option) !== "") facts.push(unitOf(option));
  if (option.range !== undefined) facts.push(`from ${option.range.map(grouped).join(" to ")}`);
  return facts;
}

function shownDefault({ isOptional, fallback }) {
  return isOptional ? fallback : "none";
}

function wrap(text) {
  return text.replace(/(.{90,119}) /g, "$1\n");
}

function inCell(text) {
  return text.replaceAll("|", "\\|");
}

function unitOf({ name }) {
  return units[/[A-Z][a-z]+$/.exec(name)?.[0]] ?? "";
}

function grouped(number) {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, " ");
}

function anchorOf(title) {
  return title.toLowerCase().replaceAll(" ", "-");
}

function freeAnchor(name, taken) {
  let anchor = name;
  for (let count = 1; taken.has(anchor); count++) anchor = `${name}-${count}`;
  taken.add(anchor);
  return anchor;
}

if (isMain(import.meta.url)) {
  try {
    const text = await render(readOptions());
    mkdirSync(dirname(join(root, page)), { recursive: true });
    writeFileSync(join(root, page), text);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
