import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { reportOf } from "./fixtures/problems";
import { Program } from "./fixtures/program";
import { removeTemporaryFolders, temporaryFolder } from "./fixtures/temporary-folder";

jest.setTimeout(60_000);
afterAll(removeTemporaryFolders);

const COMPILER = resolve(__dirname, "../../../node_modules/typescript7/bin/tsc");

/** An application of several modules; what the compilers know of the types in other modules differs. */
const modules = {
  "clock.ts": `export interface Clock { now(): number; }`,
  "history.ts": `export class History { constructor(readonly name: string) {} }`,
  "members.ts": `
    import { Component } from "@vernal/websocket";
    import { Rooms } from "./rooms";
    @Component()
    export class Members { constructor(readonly rooms: Rooms) {} }`,
  "rooms.ts": `
    import { Component } from "@vernal/websocket";
    import { Members } from "./members";
    @Component()
    export class Rooms { constructor(readonly members: Members) {} }`,
  "handlers/room-handler.ts": `
    import { inject, TextWebSocketHandler, WebSocketHandler } from "@vernal/websocket";
    import { Clock } from "../clock";
    import { History } from "../history";
    @WebSocketHandler("/ws/room", { allowedOrigins: ["chat.example.com"] })
    export class RoomHandler extends TextWebSocketHandler {
      constructor(
        readonly clock: Clock,
        readonly history: History,
        readonly name: string,
        readonly rest: readonly string[] | undefined,
        @inject("database") readonly database: object,
      ) { super(); }
    }
    @WebSocketHandler("/ws/room")
    export class OtherHandler extends TextWebSocketHandler {}`,
};
const circle = {
  "handlers/member-handler.ts": `
    import { TextWebSocketHandler, WebSocketHandler } from "@vernal/websocket";
    import { Members } from "../members";
    @WebSocketHandler("/ws/members")
    export class MemberHandler extends TextWebSocketHandler {
      constructor(readonly members: Members) { super(); }
    }`,
};

test("the report is the same whether tsc or ts-jest compiled the application", async () => {
  const [byTsJest, byTsc] = [await reportUnderTsJest(modules), await reportFromTsc(modules)];
  expect(byTsJest.match(/VERNAL_\w+/g)).toEqual([
    "VERNAL_BOOT_FAILED",
    "VERNAL_UNINJECTABLE_PARAMETER",
    "VERNAL_MISSING_METADATA",
    "VERNAL_UNINJECTABLE_PARAMETER",
    "VERNAL_UNINJECTABLE_PARAMETER",
    "VERNAL_MISSING_PROVIDER",
    "VERNAL_INVALID_ORIGIN",
    "VERNAL_DUPLICATE_PATH",
  ]);
  expect(byTsc).toBe(byTsJest);
});

test("a circular import is reported by both, and both say what to write", async () => {
  const files = { ...modules, ...circle };
  for (const report of [await reportUnderTsJest(files), await reportFromTsc(files)]) {
    expect(report).toMatch(
      /VERNAL_UNINJECTABLE_PARAMETER\] The first parameter of the constructor of Rooms .*import each other.*@inject\(delay/,
    );
  }
});

async function reportUnderTsJest(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = temporaryFolder(files);
  const { message } = await reportOf({ scan: [join(folder, "handlers")] });
  return message.trim();
}

async function reportFromTsc(files: Readonly<Record<string, string>>): Promise<string> {
  const main = `
    import { WebSocketApplication } from "@vernal/websocket";
    void WebSocketApplication.run({ port: 0, scan: [__dirname + "/handlers"] });`;
  const program = new Program(compile({ "main.ts": main, ...files }));
  await program.ended;
  return program.stderr.trim();
}

/** With tsc and all that it knows of the types, as against one file at a time under ts-jest. */
function compile(files: Readonly<Record<string, string>>): Record<string, string> {
  const compilerOptions = {
    target: "es2023",
    module: "node20",
    types: [],
    strict: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    // The types of the framework are not there.
    noCheck: true,
    outDir: "dist",
    rootDir: ".",
  };
  const folder = temporaryFolder({ ...files, "tsconfig.json": JSON.stringify({ compilerOptions }) });
  const { stdout } = spawnSync(process.execPath, [COMPILER, "-p", folder], { encoding: "utf8" });
  expect(stdout).toBe("");
  const compiled = Object.keys(files).map((file) => file.replace(/\.ts$/, ".js"));
  return Object.fromEntries(compiled.map((file) => [file, readFileSync(join(folder, "dist", file), "utf8")]));
}
