import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { WebSocketApplication } from "@vernal/websocket";
import { WebSocket } from "ws";

// Until everything has happened: a process that waits for nothing but a promise ends with 0.
process.exitCode = 1;
void main();

async function main(): Promise<void> {
  const application = await WebSocketApplication.run({ port: 0, scan: [join(__dirname, "handlers")] });
  const client = new WebSocket(`${application.url}/ws/rooms/kitchen`);
  await once(client, "open");
  client.send("Ada");
  const [answer] = (await once(client, "message")) as [Buffer];
  assert.equal(answer.toString(), "Hello Ada in kitchen, number 1");
  await application.close();
  process.exitCode = 0;
}
