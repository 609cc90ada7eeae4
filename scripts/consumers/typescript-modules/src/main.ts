import assert from "node:assert/strict";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { WebSocketApplication } from "@vernal/websocket";
import { WebSocket } from "ws";
import { Greetings } from "./greetings.js";

// Until everything has happened: a process that waits for nothing but a promise may end with 0.
process.exitCode = 1;

const application = await WebSocketApplication.run({
  port: 0,
  scan: [fileURLToPath(new URL("handlers", import.meta.url))],
});
const client = new WebSocket(`${application.url}/ws/greetings`);
await once(client, "open");
client.send("Ada");
const [answer] = (await once(client, "message")) as [Buffer];
assert.equal(answer.toString(), "Hello Ada");
// The scan, which is CommonJS, and this module have loaded one and the same class.
assert.equal(application.get(Greetings).count, 1);
await application.close();
process.exitCode = 0;
