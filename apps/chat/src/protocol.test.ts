import { isRoomName, readClientMessage } from "./protocol";

const joinAs = (nickname: unknown) =>
  readClientMessage(JSON.stringify({ type: "join", requestId: "1", clientId: "tab", nickname }));

test("reads each type of message, without what does not belong to it", () => {
  expect(readClientMessage('{"type":"message","requestId":"1","text":" a\\nb ","time":"now"}')).toEqual({
    type: "message",
    requestId: "1",
    text: " a\nb ",
  });
  expect(readClientMessage('{"type":"typing","requestId":"2"}')).toEqual({ type: "typing", requestId: "2" });
});

test.each([
  ["  Mara ", "Mara"],
  ["Mara  \t Lind", "Mara Lind"],
  ["봄날", "봄날"],
  ["e\u0301", "\u00e9"],
  ["🌱", "🌱"],
  ["👩‍💻", "👩‍💻"],
  ["🌱".repeat(24), "🌱".repeat(24)],
])("nickname %p is read as %p", (nickname, read) => {
  expect(joinAs(nickname)).toEqual({ type: "join", requestId: "1", clientId: "tab", nickname: read });
});

test.each(["", "   ", "\u200b", "\u3164", "x".repeat(25), "Ma\u0000ra", "\u202earaM", 7, null, undefined])(
  "nickname %p is refused",
  (nickname) => {
    expect(joinAs(nickname)).toMatchObject({ type: "error", requestId: "1", code: "invalid" });
  },
);

test("names the request of a bad message wherever it can be read", () => {
  expect(readClientMessage('{"type":"shout","requestId":"7"}')).toMatchObject({
    type: "error",
    requestId: "7",
  });
  for (const requestId of [5, "", "x".repeat(65), null]) {
    expect(readClientMessage(JSON.stringify({ type: "typing", requestId }))).not.toHaveProperty("requestId");
  }
});

test.each(['"text"', "[]", "7", "null", "{}", "", "{", '{"__proto__":{"type":"typing","requestId":"1"}}'])(
  "%p is answered with an error",
  (payload) => {
    expect(readClientMessage(payload)).toMatchObject({ type: "error", code: "invalid" });
  },
);

test("rooms are named with letters, digits, - and _", () => {
  for (const name of ["lobby", "Room-1_b", "등산", "x".repeat(40)]) expect(isRoomName(name)).toBe(true);
  for (const name of ["", "a b", "a/b", ".", "<b>", "x".repeat(41), "a\n"])
    expect(isRoomName(name)).toBe(false);
});
