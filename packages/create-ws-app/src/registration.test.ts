import ts from "typescript";
import { handlerDecoratorsIn, parse } from "./handler-decorators";
import { servingIn } from "./project-handlers";
import { register } from "./registration";

const file = "src/handlers/room.ts";
const imports = `import { TextWebSocketHandler, WebSocketHandler } from "@vernal/websocket";\n`;
const handler = (decorator: string) =>
  `${imports}\n${decorator}\nexport class Room extends TextWebSocketHandler {}\n`;

/** Adds Token to the handler of /ws/room. */
function registerToken(source: string): string {
  const decorators = handlerDecoratorsIn(ts, parse(ts, file, source));
  const [serving] = servingIn(decorators, "/ws/room");
  if (serving === undefined) throw new Error("no handler of /ws/room");
  const interceptor = { className: "Token", module: "../interceptors/token" };
  return register(ts, { file, source }, decorators.indexOf(serving), interceptor);
}

test.each([
  [`@WebSocketHandler("/ws/room")`, `@WebSocketHandler("/ws/room", { interceptors: [Token] })`],
  [`@WebSocketHandler(\n  "/ws/room",\n)`, `@WebSocketHandler(\n  "/ws/room", { interceptors: [Token] },\n)`],
  [`@WebSocketHandler('/ws/room', {})`, `@WebSocketHandler('/ws/room', { interceptors: [Token] })`],
  [
    `@WebSocketHandler(["/a", "/ws/room"])`,
    `@WebSocketHandler(["/a", "/ws/room"], { interceptors: [Token] })`,
  ],
  [
    `@WebSocketHandler("/ws/room", { maxMessageBytes: 10 })`,
    `@WebSocketHandler("/ws/room", { interceptors: [Token], maxMessageBytes: 10 })`,
  ],
  [
    `@WebSocketHandler("/ws/room", {\n  maxMessageBytes: 10,\n})`,
    `@WebSocketHandler("/ws/room", {\n  interceptors: [Token],\n  maxMessageBytes: 10,\n})`,
  ],
  [
    `@WebSocketHandler("/ws/room", {\n  // 1 MiB :((\n  maxMessageBytes: 10,\n})`,
    `@WebSocketHandler("/ws/room", { interceptors: [Token],\n  // 1 MiB :((\n  maxMessageBytes: 10,\n})`,
  ],
  [
    `@WebSocketHandler("/ws/room", { interceptors: [Login] })`,
    `@WebSocketHandler("/ws/room", { interceptors: [Login, Token] })`,
  ],
  [
    `@WebSocketHandler("/ws/room", { "interceptors": [] })`,
    `@WebSocketHandler("/ws/room", { "interceptors": [Token] })`,
  ],
  [
    `@WebSocketHandler("/ws/room", { /* interceptors: [], */ ...LIMITS, interceptors: [...ALL /* ] */] })`,
    `@WebSocketHandler("/ws/room", { /* interceptors: [], */ ...LIMITS, interceptors: [...ALL, Token /* ] */] })`,
  ],
  [
    `@WebSocketHandler("/ws/room", {\n  allowedOrigins: ["https://a.example"],\n  interceptors: [\n    Login,\n  ],\n})`,
    `@WebSocketHandler("/ws/room", {\n  allowedOrigins: ["https://a.example"],\n  interceptors: [\n    Login,\n    Token,\n  ],\n})`,
  ],
  [
    `@WebSocketHandler("/ws/room", { allowedOrigins: ["https://}.example"], mapError: () => undefined })`,
    `@WebSocketHandler("/ws/room", { interceptors: [Token], allowedOrigins: ["https://}.example"], mapError: () => undefined })`,
  ],
])("%s becomes %s", (before, after) => {
  expect(registerToken(handler(before))).toBe(
    handler(after).replace(imports, `${imports}import { Token } from "../interceptors/token";\n`),
  );
});

test("comments, other handlers and what comes later are left alone", () => {
  const other = `
/** Was \`@WebSocketHandler("/ws/room")\` once. */
@WebSocketHandler("/ws/other", { interceptors: [] })
export class Other extends TextWebSocketHandler {}
const later = { interceptors: [] };
`;
  const source = handler(
    `// @WebSocketHandler("/ws/room")\n@WebSocketHandler("/ws/room", { maxFragments: 1, /* } */ })`,
  );
  const changed = registerToken(other.replace("\n", imports) + source.replace(imports, "") + other.slice(1));
  expect(changed.split(other.slice(1))).toHaveLength(3);
  expect(changed).toContain(`@WebSocketHandler("/ws/room", { interceptors: [Token], maxFragments: 1,`);
});

test.each([
  [
    "semicolons",
    `import { WebSocketHandler } from '@vernal/websocket'\n`,
    `import { Token } from '../interceptors/token'\n`,
  ],
  [
    "a comment behind it",
    `import { WebSocketHandler } from "@vernal/websocket"; // why\n`,
    `import { Token } from "../interceptors/token";\n`,
  ],
  [
    "other lines",
    `import {\r\n  WebSocketHandler,\r\n} from "@vernal/websocket";\r\n`,
    `import { Token } from "../interceptors/token";\r\n`,
  ],
])("the import comes after the last one, as that is written: %s", (_, last, added) => {
  const newline = last.endsWith("\r\n") ? "\r\n" : "\n";
  const lines = [
    "",
    `@WebSocketHandler("/ws/room")`,
    "class Room {",
    `  #text = "import of goods";`,
    "  #import = 1;",
    "}",
    "",
  ];
  const rest = lines.join(newline);
  expect(registerToken(last + rest)).toBe(
    last + added + rest.replace(`room"`, `room", { interceptors: [Token] }`),
  );
});

test("one that is called otherwise in the file, or comes as a part of it, is found", () => {
  for (const [imported, called] of [
    ["{ WebSocketHandler as Handles }", "Handles"],
    ["* as vernal", "vernal.WebSocketHandler"],
  ] as const) {
    const source = `import ${imported} from "@vernal/websocket";\n@${called}("/ws/room")\nclass Room {}\n`;
    expect(registerToken(source)).toContain(`@${called}("/ws/room", { interceptors: [Token] })`);
  }
});

test.each([
  [`@WebSocketHandler("/ws/room", options)`, "the options are not written in the decorator"],
  [
    `@WebSocketHandler("/ws/room", { ...OPTIONS })`,
    "the options may hold interceptors that are not written there",
  ],
  [
    `@WebSocketHandler("/ws/room", { ["inter" + x]: [] })`,
    "the options may hold interceptors that are not written there",
  ],
  [
    `@WebSocketHandler("/ws/room", { interceptors: [], ...OPTIONS })`,
    "the options may hold interceptors twice",
  ],
  [
    `@WebSocketHandler("/ws/room", { interceptors: ALL })`,
    "the interceptors are not a list in the decorator",
  ],
  [`@WebSocketHandler("/ws/room", { interceptors })`, "the interceptors are not a list in the decorator"],
  [`const Token = 1;\n@WebSocketHandler("/ws/room")`, "speaks of a Token already"],
  [`@WebSocketHandler("/ws/room"`, "is no TypeScript as it is: "],
])("%s is refused", (decorator, reason) => {
  expect(() => registerToken(handler(decorator))).toThrow(reason);
});

test("a file without imports is refused", () => {
  expect(() => registerToken(`@WebSocketHandler("/ws/room")\nclass Room {}\n`)).toThrow(
    "nothing is imported",
  );
});
