import { register } from "./registration";

const handler = (decorator: string) =>
  `import { TextWebSocketHandler, WebSocketHandler } from "@vernal/websocket";\n\n${decorator}\nexport class Room extends TextWebSocketHandler {}\n`;

const register1 = (decorator: string) =>
  register(handler(decorator), { path: "/ws/room", className: "Token", module: "../interceptors/token" });

test.each([
  [`@WebSocketHandler("/ws/room")`, `@WebSocketHandler("/ws/room", { interceptors: [Token] })`],
  [
    `@WebSocketHandler("/ws/room", { maxMessageBytes: 10 })`,
    `@WebSocketHandler("/ws/room", { interceptors: [Token], maxMessageBytes: 10 })`,
  ],
  [
    `@WebSocketHandler("/ws/room", { interceptors: [Login] })`,
    `@WebSocketHandler("/ws/room", { interceptors: [Login, Token] })`,
  ],
  [
    `@WebSocketHandler("/ws/room", { interceptors: [] })`,
    `@WebSocketHandler("/ws/room", { interceptors: [Token] })`,
  ],
  [
    `@WebSocketHandler("/ws/room", {\n  allowedOrigins: ["https://a.example"],\n  interceptors: [\n    Login,\n  ],\n})`,
    `@WebSocketHandler("/ws/room", {\n  allowedOrigins: ["https://a.example"],\n  interceptors: [\n    Login, Token],\n})`,
  ],
  [
    `@WebSocketHandler("/ws/room", { allowedOrigins: ["https://}.example"], mapError: () => undefined })`,
    `@WebSocketHandler("/ws/room", { interceptors: [Token], allowedOrigins: ["https://}.example"], mapError: () => undefined })`,
  ],
])("%s becomes %s", (before, after) => {
  const source = register1(before);
  expect(source).toContain(after);
  expect(source).toContain(
    `"@vernal/websocket";\nimport { Token } from "../interceptors/token";\n\n@WebSocketHandler`,
  );
});

test("what comes after the decorator is left alone", () => {
  const source = `@WebSocketHandler("/ws/room", { maxFragments: 1 })\nclass A {}\nconst b = { interceptors: [] };\n`;
  expect(register(source, { path: "/ws/room", className: "Token", module: "./token" })).toContain(
    "const b = { interceptors: [] };",
  );
});

test.each([
  `@WebSocketHandler("/ws/other")`,
  `@WebSocketHandler(PATH)`,
  `@WebSocketHandler("/ws/room", options)`,
])("%s is left alone", (decorator) => {
  expect(register1(decorator)).toBeUndefined();
});
