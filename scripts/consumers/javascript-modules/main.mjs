import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import * as imported from "@vernal/websocket";
import {
  Component,
  inject,
  TextWebSocketHandler,
  WebSocketApplication,
  WebSocketHandler,
} from "@vernal/websocket";
import { WebSocket } from "ws";

// Until everything has happened: a process that waits for nothing but a promise may end with 0.
process.exitCode = 1;

// Node reads the names that a CommonJS module exports from its text, and misses some ways to write them.
const required = createRequire(import.meta.url)("@vernal/websocket");
for (const name of Object.keys(required)) assert.equal(imported[name], required[name], name);

class Greetings {
  of(name) {
    return `Hello ${name}`;
  }
}
Component()(Greetings);

class GreetingHandler extends TextWebSocketHandler {
  #greetings;

  constructor(greetings) {
    super();
    this.#greetings = greetings;
  }

  async handleTextMessage(session, message) {
    await session.sendMessage(this.#greetings.of(message.payload));
  }
}
inject(Greetings)(GreetingHandler, undefined, 0);
WebSocketHandler("/ws/greetings")(GreetingHandler);

const application = await WebSocketApplication.run({ port: 0, components: [GreetingHandler] });
const client = new WebSocket(`${application.url}/ws/greetings`);
await once(client, "open");
client.send("Ada");
const [answer] = await once(client, "message");
assert.equal(answer.toString(), "Hello Ada");
await application.close();
process.exitCode = 0;
