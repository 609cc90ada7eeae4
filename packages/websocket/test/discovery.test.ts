import { realpathSync } from "node:fs";
import files from "node:fs/promises";
import { join, relative } from "node:path";
import { Component, TextWebSocketHandler, WebSocketHandler, type AnyClass } from "../src/index";
import { closeApplications, recordingLogger, startApplication } from "./harness/application";
import { onlyProblemOf, reportOf } from "./fixtures/problems";
import { Program } from "./fixtures/program";
import { removeTemporaryFolders, temporaryFolder } from "./fixtures/temporary-folder";

jest.setTimeout(60_000);

afterEach(closeApplications);
afterEach(() => void made.splice(0));
afterAll(removeTemporaryFolders);

/** Where the components of the scanned modules say that they were made. */
const made: string[] = [];
Object.assign(globalThis, { componentsMade: made });

const component = (name: string): string => `
  const { Component } = require("@vernal/websocket");
  class ${name} { constructor() { globalThis.componentsMade.push("${name}"); } }
  Component()(${name});
  exports.${name} = ${name};
`;
const loud = `globalThis.componentsMade.push("loaded " + __filename); ${component("Loud")}`;

describe("in this process", () => {
  test("components are made in the order of the paths of their modules, nested ones too", async () => {
    const folder = temporaryFolder({
      "b.js": component("B"),
      "a/z.cjs": component("Z"),
      "a/deep/down.js": component("Down"),
      "c.js": component("C"),
      "a.js": component("A"),
    });
    await startApplication({ scan: [folder] });
    expect(made).toEqual(["A", "Down", "Z", "B", "C"]);
  });

  test("a folder that cannot be read is reported", async () => {
    const folder = temporaryFolder({ "a.js": component("A") });
    // The permissions that do it to others do not stop root.
    const reading = jest.spyOn(files, "readdir").mockRejectedValue(new Error("EACCES: permission denied"));
    const problem = await onlyProblemOf({ scan: [folder] });
    reading.mockRestore();
    expect(problem).toContain("[VERNAL_EMPTY_SCAN]");
    expect(problem).toContain("named by the option scan cannot be read: EACCES: permission denied");
  });

  test("tests, declarations, dot files, dot folders and node_modules are left alone", async () => {
    const folder = temporaryFolder({
      "taken.js": component("Taken"),
      "taken.test.js": loud,
      "taken.spec.cjs": loud,
      "taken.d.ts": "export declare class Loud {}",
      "other.d.mts": "export declare class Loud {}",
      "readme.md": "no module",
      "data.json": "{}",
      ".hidden/loud.js": loud,
      ".loud.js": loud,
      "node_modules/loud/index.js": loud,
      "test/loud.js": loud,
      "tests/loud.js": loud,
      "__tests__/loud.js": loud,
      "__mocks__/loud.js": loud,
    });
    await startApplication({ scan: [folder] });
    expect(made).toEqual(["Taken"]);
  });

  test("TypeScript is loaded under ts-jest, unless a compiled file lies beside it", async () => {
    const typescript = (name: string): string => `
      import { Component, WebSocketSessions } from "@vernal/websocket";
      @Component()
      export class ${name} {
        constructor(readonly sessions: WebSocketSessions) {
          (globalThis as unknown as { componentsMade: string[] }).componentsMade.push("${name} " + sessions.size);
        }
      }`;
    const folder = temporaryFolder({
      "alone.ts": typescript("Alone"),
      "compiled.ts": typescript("Source"),
      "compiled.js": component("Compiled"),
    });
    await startApplication({ scan: [folder] });
    expect(made).toEqual(["Alone 0", "Compiled"]);
  });

  test("a class that is exported twice, scanned twice or also named is taken once", async () => {
    const folder = temporaryFolder({
      "one.js": `${component("One")} exports.again = exports.One; exports.default = exports.One;`,
      "index.js": `module.exports = { ...require("./one.js"), number: 1, nothing: undefined, plain: class {} };`,
      "nested/two.js": component("Two"),
    });
    const { One } = jest.requireActual<{ One: AnyClass }>(join(folder, "one.js"));
    @Component()
    class Named {
      constructor() {
        made.push("Named");
      }
    }
    await startApplication({ scan: [folder, join(folder, "nested")], components: [One, Named, Named] });
    expect(made).toEqual(["One", "Two", "Named"]);
  });

  test("a class that is all that a module exports is found, and a module may export nothing", async () => {
    const folder = temporaryFolder({
      "whole.js": `${component("Whole")} module.exports = exports.Whole;`,
      "null.js": "module.exports = null;",
    });
    await startApplication({ scan: [folder] });
    expect(made).toEqual(["Whole"]);
  });

  test("a relative folder starts at the working directory", async () => {
    const folder = temporaryFolder({ "one.js": component("One") });
    await startApplication({ scan: [relative(realpathSync(process.cwd()), folder)] });
    expect(made).toEqual(["One"]);
  });

  test("a handler that a scanned module does not export is not served, and a warning names it", async () => {
    const folder = temporaryFolder({
      "one.js": component("One"),
      "forgotten.js": `
        const { TextWebSocketHandler, WebSocketHandler } = require("@vernal/websocket");
        class ForgottenHandler extends TextWebSocketHandler {}
        WebSocketHandler("/ws/forgotten")(ForgottenHandler);`,
    });
    const { logger, lines } = recordingLogger("warn");
    await startApplication({ scan: [folder], logger });
    expect(lines[0]).toMatchObject({ code: "VERNAL_UNREACHABLE_HANDLER" });
    expect(lines[0]!.msg).toContain("ForgottenHandler has @WebSocketHandler and was loaded by a scan");
  });

  test("what is decorated while a scan waits, as by another scan, is not taken for its own", async () => {
    const handler = (name: string): string => `
      const { TextWebSocketHandler, WebSocketHandler } = require("@vernal/websocket");
      class ${name} extends TextWebSocketHandler {}
      WebSocketHandler("/ws/${name}")(${name});
      exports.${name} = ${name};`;
    const { logger, lines } = recordingLogger("warn");
    const starting = ["One", "Two"].map((name) => {
      const folder = temporaryFolder({ [`${name}.js`]: handler(name) });
      return startApplication({ scan: [folder], logger });
    });
    @WebSocketHandler("/ws/here")
    class Here extends TextWebSocketHandler {}
    await Promise.all(starting);
    expect(new Here()).toBeInstanceOf(TextWebSocketHandler);
    expect(lines).toEqual([]);
  });

  test("decorated classes that are neither exported nor named are not there", async () => {
    const { logger, lines } = recordingLogger("warn");
    await startApplication({ logger });
    expect(lines.map(({ msg }) => msg)).toEqual([expect.stringContaining("no handler has a path")]);
  });
});

describe("a folder with nothing in it", () => {
  test.each([
    ["is missing", {}, "nowhere", "does not exist"],
    ["is a file", { "one.js": "" }, "one.js", "is no folder"],
    ["is empty", {}, "", "has no module in it"],
    ["has one module", { "a.js": "" }, "", "exports no decorated class: 1 module was loaded"],
    ["has modules", { "a.js": "", "b.js": "" }, "", "exports no decorated class: 2 modules were loaded"],
  ])("is reported where it %s", async (_, files, name, text) => {
    const folder = join(temporaryFolder(files), name);
    await expect(onlyProblemOf({ scan: [folder] })).resolves.toBe(
      `[VERNAL_EMPTY_SCAN] The folder ${folder} named by the option scan ${text}. Name the folder of the ` +
        'compiled classes, such as join(__dirname, "handlers"), and export each decorated class.',
    );
  });
});

test("modules that cannot be loaded are reported, each with its reason", async () => {
  const folder = temporaryFolder({
    "a-throws.js": `throw new Error("no such table\\nsecond line");`,
    "b-circle.js": `new Later(); class Later {}`,
    "c-misses.js": `require("./nowhere");`,
    "d-string.js": `throw "a string";`,
    "e-argument.js": `require("@vernal/websocket").WebSocketHandler([]);`,
    "f-good.js": component("Good"),
  });
  const { problems } = await reportOf({ scan: [folder] });
  expect(problems.map(({ code }) => code)).toEqual(Array(5).fill("VERNAL_SCAN_FAILED"));
  const texts = problems.map(({ message }) => message);
  expect(texts[0]).toContain(
    `The module ${join(folder, "a-throws.js")} cannot be loaded: no such table. Mend`,
  );
  expect(texts[1]).toContain("Cannot access 'Later' before initialization. Mend what throws while it loads");
  expect(texts[2]).toContain("Cannot find module './nowhere'");
  expect(texts[3]).toContain("cannot be loaded: a string.");
  expect(texts[4]).toContain("[VERNAL_INVALID_ARGUMENT] @WebSocketHandler");
  expect(problems[0]!.cause).toMatchObject({ message: "no such table\nsecond line" });
  expect(made).toEqual([]);
});

describe("in a process of its own", () => {
  const esm = (name: string, more = ""): string => `
    import { Component } from "@vernal/websocket";
    ${more}
    export class ${name} { constructor() { console.log("made ${name}"); } }
    Component()(${name});
  `;
  const commonJs = component("Common").replace("globalThis.componentsMade.push(", 'console.log("made " + ');
  const start = `WebSocketApplication.run({ port: 0, signals: [], scan: [`;

  test("modules of every kind are loaded, and the entry module is not", async () => {
    const program = new Program({
      "main.cjs": `
        const { Component, WebSocketApplication } = require("@vernal/websocket");
        class Entry { constructor() { console.log("made Entry"); } }
        Component()(Entry);
        exports.Entry = Entry;
        void ${start}__dirname] }).then((application) => application.close());`,
      "a.js": commonJs,
      "b.mjs": esm("Module"),
      "c.mjs": esm("Awaiting", "await new Promise((resolve) => setImmediate(resolve));"),
      "d/package.json": `{ "type": "module" }`,
      "d/index.js": esm("Typed"),
      "e.ts": `import { Component } from "@vernal/websocket";\n@Component()\nexport class Unread {}`,
    });
    await expect(program.ended).resolves.toBe(0);
    expect(program.stdout.match(/made \w+/g)).toEqual([
      "made Common",
      "made Module",
      "made Awaiting",
      "made Typed",
    ]);
  });

  test("an ECMAScript module may await the application that scans its own folder", async () => {
    const program = new Program({
      "main.mjs": `
        import { WebSocketApplication } from "@vernal/websocket";
        const application = await ${start}import.meta.dirname] });
        console.log("running");
        await application.close();`,
      "other.mjs": esm("Other"),
    });
    await expect(program.ended).resolves.toBe(0);
    expect(program.stdout).toMatch(/made Other[^]*running/);
  });

  test("a folder of TypeScript alone is reported as such", async () => {
    const program = new Program({
      "main.cjs": `
        const { WebSocketApplication } = require("@vernal/websocket");
        void ${start}__dirname + "/handlers"] });`,
      "handlers/chat.ts": `import { Component } from "@vernal/websocket";\n@Component()\nexport class Unread {}`,
    });
    await expect(program.ended).resolves.toBe(1);
    expect(program.stderr).toContain(
      "exports no decorated class: 1 module is TypeScript, which this process does not load.",
    );
  });
});
