import * as fc from "fast-check";
import { mended, nameOf, problemOf } from "./project-name";

test.each([
  "chat",
  "my-chat",
  "chat2",
  "2chat",
  "my.chat",
  "my_chat",
  "@acme/chat",
  "chat-",
  "@acme/-chat",
  "@acme/_chat",
  "x".repeat(214),
])("npm takes %p", (name) => {
  expect(problemOf(name)).toBeUndefined();
});

test.each([
  ["", "it is empty", undefined],
  ["My App", "it has capital letters", "my-app"],
  ["my app", "it has other characters than a to z, 0 to 9, -, . and _", "my-app"],
  [".hidden", 'it begins with "."', "hidden"],
  ["_private", 'it begins with "_"', "private"],
  ["-chat", 'it begins with "-"', "chat"],
  ["@acme/.chat", 'it begins with "."', "@acme/chat"],
  ["http", "it is taken by Node.js or npm itself", "http-app"],
  ["node_modules", "it is taken by Node.js or npm itself", "node_modules-app"],
  ["café!", "it has other characters than a to z, 0 to 9, -, . and _", "cafe"],
  ["채팅", "it has other characters than a to z, 0 to 9, -, . and _", undefined],
  ["@Acme/Chat", "it has capital letters", "@acme/chat"],
  ["@acme", "a scope is written @scope/name", "acme"],
  ["x".repeat(215), "it is longer than 214 characters", "x".repeat(214)],
])("%p: %s; mended it is %p", (name, problem, mendedName) => {
  expect(problemOf(name)).toBe(problem);
  expect(mended(name)).toBe(mendedName);
});

test("what is mended, npm takes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (name) => {
      const better = mended(name);
      if (better !== undefined) expect([better, problemOf(better)]).toEqual([better, undefined]);
    }),
  );
});

test("a project is named after its directory, and its scope", () => {
  expect(nameOf("/home/ada/my-chat")).toBe("my-chat");
  expect(nameOf("/home/ada/my-chat/")).toBe("my-chat");
  expect(nameOf("/home/ada/@acme/chat")).toBe("@acme/chat");
});
