import { Program } from "./fixtures/program";
import { removeTemporaryFolders } from "./fixtures/temporary-folder";

jest.setTimeout(60_000);
afterAll(removeTemporaryFolders);

/** In a process of its own, because V8 counts the objects of the main context only. */
const COUNTING = `
const { createServer, request } = require("node:http");
const { queryObjects } = require("node:v8");
const { TextWebSocketHandler, WebSocketApplication, WebSocketHandler } = require("@vernal/websocket");
const { WebSocket, WebSocketServer } = require(process.env.WS);

class Echo extends TextWebSocketHandler {
  handleTextMessage(session, message) { session.sendMessage(message); }
}
WebSocketHandler("/ws")(Echo);

const functions = () => queryObjects(Function, { format: "count" });
const clients = [];
async function open(port, count) {
  for (let index = 0; index < count; index += 1) {
    const client = new WebSocket("ws://localhost:" + port + "/ws");
    await new Promise((resolve) => client.once("open", resolve));
    client.received = 0;
    client.on("message", counted);
    clients.push(client);
  }
}
function counted() { this.received += 1; }
async function talk() {
  for (const client of clients) { client.received = 0; client.send("a"); client.send("b"); }
  while (clients.some(({ received }) => received < 2)) await new Promise(setImmediate);
}
/** What each of 100 more connections adds, both ends, before and after it has sent. */
async function added(port) {
  clients.length = 0;
  await open(port, 20);
  await talk();
  const before = functions();
  await open(port, 100);
  const opened = functions() - before;
  await talk();
  const talked = functions() - before;
  await talk();
  return [opened, talked, functions() - before];
}
void (async () => {
  const bare = new WebSocketServer({ port: 0 });
  bare.on("connection", (socket) => socket.on("message", echo));
  function echo(data, binary) { this.send(data, { binary }); }
  const application = await WebSocketApplication.run({ port: 0, components: [Echo] });
  const ws = await added(bare.address().port);
  const vernal = await added(application.port);
  console.log("more:", vernal.map((count, index) => count - ws[index]).join());
  process.exit(0);
})();
`;

it("keeps no function more than bare ws does, and one once it has sent something", async () => {
  const program = new Program(
    { "main.cjs": COUNTING },
    { NODE_ENV: "production", WS: require.resolve("ws") },
  );
  const [, more] = await program.prints(/more: (.*)\n/);
  const [opened, talked, talkedAgain] = more!.split(",").map(Number);
  expect(opened).toBeLessThanOrEqual(0);
  expect(talked! - opened!).toBe(100);
  expect(talkedAgain).toBe(talked);
});
