import { exampleOf, shapeOf } from "./handler-path";

test.each([
  ["/ws/r/{a}", "/ws/r/{b}"],
  ["/ws/r/%61", "ws/r/a"],
  ["/ws/채팅", encodeURI("/ws/채팅")],
])("%s and %s are the same path", (one, other) => {
  expect(shapeOf(one)).toBe(shapeOf(other));
});

test.each([
  ["/ws/{a}", "/ws/*"],
  ["/ws/*", "/ws/%2A"],
  ["/ws/{a}", "/ws/%7Ba%7D"],
  ["/ws/a/b", "/ws/a%2Fb"],
  ["/ws/*", "/ws/**"],
  ["/ws/a", "/ws/A"],
])("%s and %s are two", (one, other) => {
  expect(shapeOf(one)).not.toBe(shapeOf(other));
});

test("an example has a value for each variable and something for each wildcard", () => {
  expect(exampleOf("/ws/{a}/b-*/{c}/**", (index) => `value${index}`)).toBe("/ws/value0/b-x/value1/x");
});
