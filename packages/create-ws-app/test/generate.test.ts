import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { installIn, makeFolder, run } from "./command";

let folder: string;
let project: string;

beforeEach(async () => {
  folder = makeFolder();
  project = join(folder, "my-app");
  installIn(folder);
  await run(folder, ["my-app", "-t", "minimal", "--no-install", "--no-git"]);
});

afterEach(() => rmSync(folder, { recursive: true }));

const read = (path: string) => readFileSync(join(project, path), "utf8");
const generate = (...args: string[]) => run(project, ["generate", ...args]);

test("a handler, its test and where it is served", async () => {
  const { exitCode, out } = await generate("handler", "ChatRoom", "--path", "/ws/rooms/{room}");
  expect(exitCode).toBe(0);
  expect(out).toBe(
    [
      "Created src/handlers/chat-room-handler.ts",
      "Created test/chat-room-handler.test.ts",
      "ChatRoomHandler serves /ws/rooms/{room}: the application finds what lies in src/handlers.",
      "",
    ].join("\n"),
  );
  expect(read("src/handlers/chat-room-handler.ts")).toContain('@WebSocketHandler("/ws/rooms/{room}")');
  expect(read("src/handlers/chat-room-handler.ts")).toContain("WebSocketSession<{ room: string }>");
  expect(read("test/chat-room-handler.test.ts")).toContain('connect("/ws/rooms/one")');
});

test("without a path it is served at its name", async () => {
  await generate("handler", "PriceHandler");
  expect(read("src/handlers/price-handler.ts")).toContain('@WebSocketHandler("/ws/price")');
});

test("an interceptor, its test, and its place at the handler", async () => {
  const { exitCode, out } = await generate("interceptor", "Token", "--path", "/ws/hello");
  expect(exitCode).toBe(0);
  expect(out).toContain("Changed src/handlers/hello-handler.ts\nTokenInterceptor is asked before");
  const handler = read("src/handlers/hello-handler.ts");
  expect(handler).toContain('@WebSocketHandler("/ws/hello", { interceptors: [TokenInterceptor] })');
  expect(handler).toContain('import { TokenInterceptor } from "../interceptors/token-interceptor";');
  expect(read("test/token-interceptor.test.ts")).toContain("../src/interceptors/token-interceptor");
});

test("a handler in a folder of its own finds its interceptor", async () => {
  mkdirSync(join(project, "src/handlers/rooms"));
  renameSync(
    join(project, "src/handlers/hello-handler.ts"),
    join(project, "src/handlers/rooms/hello-handler.ts"),
  );
  await generate("interceptor", "Token", "--path", "/ws/hello");
  expect(read("src/handlers/rooms/hello-handler.ts")).toContain('"../../interceptors/token-interceptor"');
});

test("an interceptor goes where the path is served, however it is written, and not where it is spoken of", async () => {
  writeFileSync(
    join(project, "src/handlers/a-list.ts"),
    '/** Not @WebSocketHandler("/ws/hello"). */\nexport const paths = ["/ws/hello", "/ws/rooms/{room}"];\n',
  );
  const file = "src/handlers/rooms.ts";
  const source = [
    "import { TextWebSocketHandler, WebSocketHandler as Handles } from '@vernal/websocket'",
    "",
    '/** Was `@Handles("/ws/rooms/{room}")` once. */',
    "@Handles(",
    "  ['/ws/rooms/{room}', '/rooms/{room}'],",
    ")",
    "export class Rooms extends TextWebSocketHandler {}",
    "",
  ].join("\n");
  writeFileSync(join(project, file), source);
  const { exitCode, out } = await generate("interceptor", "Token", "--path", "/ws/rooms/{name}");
  expect({ exitCode, out }).toMatchObject({
    exitCode: 0,
    out: expect.stringMatching(
      /before each handshake for \/ws\/rooms\/\{room\} and \/rooms\/\{room\}\.$/m,
    ) as string,
  });
  expect(read(file)).toBe(
    source
      .replace("'\n\n", "'\nimport { TokenInterceptor } from '../interceptors/token-interceptor'\n\n")
      .replace("{room}'],\n", "{room}'], { interceptors: [TokenInterceptor] },\n"),
  );
});

test("a path that is spoken of is free, and one that is another one's with other names is not", async () => {
  writeFileSync(
    join(project, "src/handlers/rooms.ts"),
    'import { WebSocketHandler } from "@vernal/websocket";\n// As "/ws/room" was.\n@WebSocketHandler("/ws/r/{a}/%61")\nexport class Rooms {}\n',
  );
  expect(await generate("handler", "Room")).toMatchObject({ exitCode: 0, err: "" });
  const { exitCode, err } = await generate("handler", "Other", "--path", "/ws/r/{b}/a");
  expect({ exitCode, err }).toEqual({
    exitCode: 1,
    err: "src/handlers/rooms.ts serves /ws/r/{a}/%61, and for the framework /ws/r/{b}/a is the same path.\n",
  });
});

test("a path that is no text, or that two handlers serve, is said, and nothing is written", async () => {
  writeFileSync(
    join(project, "src/handlers/rooms.ts"),
    'import { WebSocketHandler } from "@vernal/websocket";\nconst PATH = "/ws/rooms";\n@WebSocketHandler(PATH)\nexport class Rooms {}\n',
  );
  const computed = await generate("interceptor", "Token", "--path", "/ws/rooms");
  expect(computed).toMatchObject({
    exitCode: 1,
    err: "No handler in src/handlers serves /ws/rooms, as far as can be read: not all paths are written as text in src/handlers/rooms.ts.\n",
  });
  writeFileSync(join(project, "src/handlers/second.ts"), read("src/handlers/hello-handler.ts"));
  const twice = await generate("interceptor", "Token", "--path", "/ws/hello");
  expect(twice).toMatchObject({
    exitCode: 1,
    err: "Nothing was written: more than one @WebSocketHandler serves /ws/hello, in src/handlers/hello-handler.ts and src/handlers/second.ts.\n",
  });
  expect(existsSync(join(project, "src/interceptors"))).toBe(false);
});

test("what editors leave behind, and tests beside a handler, are no handlers", async () => {
  symlinkSync("ada@machine.1234:5678", join(project, "src/handlers/.#hello-handler.ts"));
  symlinkSync("nowhere", join(project, "src/handlers/gone.ts"));
  writeFileSync(join(project, "src/handlers/.hello-handler.ts"), read("src/handlers/hello-handler.ts"));
  writeFileSync(join(project, "src/handlers/hello.test.ts"), read("src/handlers/hello-handler.ts"));
  expect(await generate("interceptor", "Token", "--path", "/ws/hello")).toMatchObject({
    exitCode: 0,
    err: "",
  });
});

test("a project without its dependencies is told to install them", async () => {
  rmSync(join(folder, "node_modules"));
  const { exitCode, err } = await generate("handler", "Room");
  expect({ exitCode, err }).toEqual({
    exitCode: 1,
    err: "Nothing was written: typescript, with which the handlers are read, is not installed in this project. Install its dependencies, then repeat this command.\n",
  });
});

test("a compiler that reads no files for others is named", async () => {
  mkdirSync(join(project, "node_modules/typescript"), { recursive: true });
  writeFileSync(join(project, "node_modules/typescript/index.js"), 'exports.version = "7.0.2";');
  const { exitCode, err } = await generate("handler", "Room");
  expect(exitCode).toBe(1);
  expect(err).toContain("typescript 7.0.2 of this project cannot read files for other programs.");
});

test("a failure in the middle leaves nothing half-written", async () => {
  rmSync(join(project, "test"), { recursive: true });
  writeFileSync(join(project, "test"), "a file");
  const before = readdirSync(project, { recursive: true });
  const source = read("src/handlers/hello-handler.ts");
  for (const args of [
    ["handler", "Room"],
    ["interceptor", "Token", "--path", "/ws/hello"],
  ]) {
    const { exitCode, out, err } = await generate(...args);
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: "" });
    expect(err).toMatch(/^Nothing was written\. .*test.*\n$/);
  }
  expect(readdirSync(project, { recursive: true })).toEqual(before);
  expect(read("src/handlers/hello-handler.ts")).toBe(source);
});

test("a changed handler keeps its mode", async () => {
  chmodSync(join(project, "src/handlers/hello-handler.ts"), 0o600);
  await generate("interceptor", "Token", "--path", "/ws/hello");
  expect(statSync(join(project, "src/handlers/hello-handler.ts")).mode & 0o777).toBe(0o600);
});

test("nothing is overwritten", async () => {
  await generate("handler", "Room");
  const before = read("src/handlers/room-handler.ts");
  const { exitCode, err } = await generate("handler", "Room", "--path", "/elsewhere");
  expect(exitCode).toBe(1);
  expect(err).toBe(
    "Nothing was written, because of what is there already: src/handlers/room-handler.ts, test/room-handler.test.ts.\n",
  );
  expect(read("src/handlers/room-handler.ts")).toBe(before);
});

test.each([
  [
    ["handler", "room"],
    '"room" is no name of a class, which begins with a capital letter. How about Room?\n',
  ],
  [["handler", "chat-room"], /How about ChatRoom\?/],
  [["handler", "Room", "--path", "ws"], 'A path begins with "/"; this one is "ws".\n'],
  [["handler", "Room", "--path", '/a"b'], /is no path/],
  [["handler", "Room", "--path", "/ws/\u0007"], /is no path/],
  [["handler", "Room", "--path", "/ws/room-{id}"], /because of its segment "room-\{id\}"/],
  [["handler", "Room", "--path", "/ws//room"], /because of its segment ""/],
  [["handler", "Room", "--path", "/ws/**/room"], /because of its segment "\*\*"/],
  [["handler", "Room", "--path", "/ws/100%"], /because of its segment "100%"/],
  [["handler", "Room", "--path", "/{a}/{a}"], /the variable \{a\} twice/],
  [["handler", "WebSocket"], /is a name of the framework/],
  [["handler", "Handler"], /says nothing about it/],
  [["interceptor", "Handshake", "--path", "/ws/hello"], /is a name of the framework/],
  [["handler", "Room", "--path", "/ws/hello"], "src/handlers/hello-handler.ts serves /ws/hello already.\n"],
  [["interceptor", "A", "--path", "/nowhere"], "No handler in src/handlers serves /nowhere.\n"],
])("%p is refused in one line", async (args, message) => {
  const { exitCode, err } = await generate(...args);
  expect(exitCode).toBe(1);
  if (typeof message === "string") expect(err).toBe(message);
  else expect(err).toMatch(message);
  expect(existsSync(join(project, "src/handlers/room-handler.ts"))).toBe(false);
});

test("in a workspace it goes into the server, from the root and from there", async () => {
  await run(folder, ["both", "-t", "client-and-server", "--no-install", "--no-git"]);
  const both = join(folder, "both");
  const atRoot = await run(both, ["generate", "handler", "Room"]);
  expect(atRoot.out).toBe(
    [
      "Created server/src/handlers/room-handler.ts",
      "Created server/test/room-handler.test.ts",
      "RoomHandler serves /ws/room: the application finds what lies in server/src/handlers.",
      "",
    ].join("\n"),
  );
  const guarded = await run(both, ["generate", "interceptor", "Token", "--path", "/ws/poll"]);
  expect(guarded.out).toContain("Changed server/src/handlers/poll-handler.ts\n");
  const inServer = await run(join(both, "server"), ["generate", "handler", "Score"]);
  expect(inServer.out).toContain("Created src/handlers/score-handler.ts\n");
  for (const file of [
    "src/handlers/room-handler.ts",
    "src/interceptors/token-interceptor.ts",
    "test/token-interceptor.test.ts",
    "test/score-handler.test.ts",
  ]) {
    expect([file, existsSync(join(both, "server", file))]).toEqual([file, true]);
  }
});

test("below a project it goes into that one, which is named", async () => {
  const { exitCode, out } = await run(join(project, "src/handlers"), ["generate", "handler", "Room"]);
  expect(exitCode).toBe(0);
  expect(out).toMatch(`In ${project}:\nCreated src/handlers/room-handler.ts\n`);
  expect(existsSync(join(project, "src/handlers/room-handler.ts"))).toBe(true);
});

test("elsewhere than in a project it is refused", async () => {
  mkdirSync(join(folder, "empty"));
  const { exitCode, err } = await run(join(folder, "empty"), ["generate", "handler", "Room"]);
  expect(exitCode).toBe(1);
  expect(err).toBe(
    "There is no src/handlers here, nor above: run this in a project that create-ws-app has written.\n",
  );
});
