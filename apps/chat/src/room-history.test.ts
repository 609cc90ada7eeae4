import type { ChatMessage } from "./protocol";
import { RoomHistory } from "./room-history";

const message = (id: string, from = "Mara"): ChatMessage => ({
  id,
  from,
  text: id,
  time: "2026-05-01T10:00:00Z",
});

const ids = (messages: readonly ChatMessage[]) => messages.map(({ id }) => id);

test("keeps the last 50 messages of a room, oldest first", () => {
  const history = new RoomHistory();
  for (let number = 1; number <= 60; number += 1) history.add("lobby", message(`${number}`), `${number}`);
  expect(ids(history.of("lobby"))).toEqual(Array.from({ length: 50 }, (_, index) => `${index + 11}`));
  expect(history.of("elsewhere")).toEqual([]);
});

test("finds the message of a request by room, sender and request", () => {
  const history = new RoomHistory();
  const first = message("a");
  history.add("lobby", first, "1");
  expect(history.find("lobby", "Mara", "1")).toBe(first);
  expect(history.find("lobby", "Jon", "1")).toBeUndefined();
  expect(history.find("lobby", "Mara", "2")).toBeUndefined();
  expect(history.find("elsewhere", "Mara", "1")).toBeUndefined();
});

test("forgets the room that has been silent for longest when there are more than 500", () => {
  const history = new RoomHistory();
  for (let number = 1; number <= 500; number += 1) history.add(`room-${number}`, message("first"), "1");
  history.add("room-1", message("second"), "2");
  history.add("one-more", message("first"), "1");
  expect(ids(history.of("room-1"))).toEqual(["first", "second"]);
  expect(history.of("room-2")).toEqual([]);
  expect(ids(history.of("room-3"))).toEqual(["first"]);
  expect(ids(history.of("one-more"))).toEqual(["first"]);
});
