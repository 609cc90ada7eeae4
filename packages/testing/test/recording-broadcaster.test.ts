import {
  TextWebSocketHandler,
  WebSocketBroadcaster,
  WebSocketHandler,
  type HandshakeHandler,
  type WebSocketSession,
} from "@vernal/websocket";
import {
  RecordingBroadcaster,
  RecordingSession,
  startInMemoryApplication,
  type TestApplication,
} from "../src/index";

const byHeader: HandshakeHandler = {
  determineUser: ({ headers }) => ({ name: headers.get("x-user")! }),
};

@WebSocketHandler("/ws/rooms/{room}", { handshakeHandler: byHeader })
class RoomHandler extends TextWebSocketHandler {}

@WebSocketHandler("/ws/lobby", { handshakeHandler: byHeader })
class LobbyHandler extends TextWebSocketHandler {}

const people = [
  ["/ws/rooms/tea", "ada"],
  ["/ws/rooms/soup", "bob"],
  ["/ws/lobby", "ada"],
] as const;

/** The same calls for both; gives to how many sessions each went. */
function play(broadcaster: WebSocketBroadcaster, sessions: readonly WebSocketSession<object>[]): number[] {
  const [first, second, third] = sessions;
  first!.join("tea");
  third!.join("tea");
  const tea = broadcaster.toGroup("tea");
  const counts = [
    broadcaster.toAll().send("to all"),
    tea.send(Buffer.from("to the group")),
    tea.except(first!).send("to the others"),
    broadcaster.toUser("ada").send("to a user"),
    broadcaster.toPath("/ws/rooms/{room}").except(second!.id).send("to a path"),
    broadcaster.toPath("/ws/lobby").send("to another"),
  ];
  first!.leave("tea");
  second!.close();
  return [...counts, tea.send("to those who stayed"), broadcaster.toAll().close(), tea.send("too late")];
}

async function connectAll(application: TestApplication): Promise<WebSocketSession<object>[]> {
  const sessions = [];
  for (const [path, user] of people) {
    const client = await application.connect(path, { headers: { "X-User": user } });
    sessions.push(application.sessionOf(client));
  }
  return sessions;
}

it("reaches whom the real one reaches", async () => {
  await using application = await startInMemoryApplication({ components: [RoomHandler, LobbyHandler] });
  const real = play(application.get(WebSocketBroadcaster), await connectAll(application));

  const sessions = people.map(
    ([path, name]) => new RecordingSession({ uri: `ws://localhost${path}`, principal: { name } }),
  );
  const recorded = play(new RecordingBroadcaster(...sessions), sessions);
  expect(recorded).toEqual(real);
  expect(real).toEqual([3, 2, 1, 2, 1, 1, 1, 2, 0]);
});
