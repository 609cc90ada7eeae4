import { CloseStatus, TextMessage, WebSocketBroadcaster } from "@vernal/websocket";
import { RecordingBroadcaster } from "./recording-broadcaster";
import { RecordingSession } from "./recording-session";

const ada = (): RecordingSession =>
  new RecordingSession({ id: "a", principal: { name: "ada" }, uri: "ws://localhost/ws/rooms/tea?x" });
const bob = (): RecordingSession =>
  new RecordingSession({ id: "b", principal: { name: "bob" }, uri: "ws://localhost/ws/lobby" });

it("is a broadcaster", () => {
  expect(new RecordingBroadcaster()).toBeInstanceOf(WebSocketBroadcaster);
});

it("reaches all, a group, a user, and a path as it is registered", () => {
  const [a, b] = [ada(), bob()];
  const broadcaster = new RecordingBroadcaster(a, b);
  a.join("tea");
  const counts = [
    broadcaster.toAll().send("all"),
    broadcaster.toGroup("tea").send("group"),
    broadcaster.toUser("bob").send("user"),
    broadcaster.toPath("/ws/rooms/{room}").send("rooms"),
    broadcaster.toPath("ws/l*").send("glob"),
    broadcaster.toPath("/ws/**").send("rest"),
    broadcaster.toPath("/ws").send("nobody"),
  ];
  expect(counts).toEqual([2, 1, 1, 1, 1, 2, 0]);
  expect(a.texts).toEqual(["all", "group", "rooms", "rest"]);
  expect(b.texts).toEqual(["all", "user", "glob", "rest"]);
});

it("leaves out sessions by themselves and by their ids, and changes no choice that was made before", () => {
  const [a, b] = [ada(), bob()];
  const everybody = new RecordingBroadcaster(a, b).toAll();
  expect(everybody.except(a).except("b").send("nobody")).toBe(0);
  expect(everybody.except("a").send("b")).toBe(1);
  expect(everybody.send("both")).toBe(2);
  expect([a.texts, b.texts]).toEqual([["both"], ["b", "both"]]);
});

it("looks up who is there at each send: open sessions, joined and added by then", () => {
  const [a, b] = [ada(), bob()];
  const broadcaster = new RecordingBroadcaster(a);
  const tea = broadcaster.toGroup("tea");
  expect(tea.send("1")).toBe(0);
  a.join("tea");
  b.join("tea");
  expect(tea.send("2")).toBe(1);
  broadcaster.add(b);
  expect(tea.send("3")).toBe(2);
  a.end();
  expect(tea.send("4")).toBe(1);
  expect([a.texts, b.texts]).toEqual([
    ["2", "3"],
    ["3", "4"],
  ]);
});

it("closes as session.close does, and says how many", () => {
  const [a, b] = [ada(), bob()];
  const broadcaster = new RecordingBroadcaster(a, b);
  expect(broadcaster.toUser("ada").close(new CloseStatus(4000, "bye"))).toBe(1);
  expect(broadcaster.toAll().close()).toBe(1);
  expect([a.closedWith?.code, b.closedWith?.code]).toEqual([4000, 1000]);
});

it("remembers what it was told, also where nobody heard it", () => {
  const broadcaster = new RecordingBroadcaster();
  broadcaster.toGroup("tea").except("a").send("hello");
  broadcaster.toAll().close();
  expect(broadcaster.broadcasts).toEqual([
    {
      target: { kind: "group", name: "tea" },
      except: ["a"],
      message: new TextMessage("hello"),
      status: undefined,
      count: 0,
    },
    { target: { kind: "all" }, except: [], message: undefined, status: CloseStatus.NORMAL, count: 0 },
  ]);
});

it("throws for what is no message, as the real one does, also where nobody is there", () => {
  expect(() => new RecordingBroadcaster().toAll().send({} as never)).toThrow("VERNAL_INVALID_ARGUMENT");
});
