import { reasonOf } from "./reason-of";

it.each([
  [new Error("no subscribers"), "no subscribers"],
  ["a text", "a text"],
  [undefined, "undefined"],
  [Object.create(null), "an object (no class)"],
  [
    new AggregateError([
      new Error("connect ECONNREFUSED ::1:1"),
      new Error("connect ECONNREFUSED 127.0.0.1:1"),
    ]),
    "connect ECONNREFUSED ::1:1, connect ECONNREFUSED 127.0.0.1:1",
  ],
])("says why: %p", (thrown, reason) => {
  expect(reasonOf(thrown)).toBe(reason);
});
