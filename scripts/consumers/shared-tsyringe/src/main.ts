import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import {
  inject,
  TextWebSocketHandler,
  WebSocketApplication,
  WebSocketHandler,
  type TextMessage,
  type WebSocketSession,
} from "@vernal/websocket";
import * as tsyringe from "tsyringe";
import { WebSocket } from "ws";

// npm keeps one copy here, so what this project registers by itself is there for the framework.

@tsyringe.singleton()
class Counter {
  count = 0;
}

@WebSocketHandler("/ws/greetings")
class GreetingHandler extends TextWebSocketHandler {
  constructor(
    private readonly counter: Counter,
    @inject("Greeting") private readonly greeting: string,
    @tsyringe.inject(tsyringe.delay(() => Counter)) private readonly later: Counter,
  ) {
    super();
  }

  override async handleTextMessage(session: WebSocketSession, message: TextMessage): Promise<void> {
    this.counter.count += 1;
    await session.sendMessage(`${this.greeting} ${message.payload}, number ${this.later.count}`);
  }
}

// Until everything has happened: a process that waits for nothing but a promise ends with 0.
process.exitCode = 1;
void main();

async function main(): Promise<void> {
  const ofFramework = createRequire(require.resolve("@vernal/websocket")).resolve("tsyringe");
  assert.equal(require.resolve("tsyringe"), ofFramework, "npm installed two copies of tsyringe");

  tsyringe.container.register("Greeting", { useValue: "Hello" });
  const application = await WebSocketApplication.run({ port: 0, components: [GreetingHandler] });
  const client = new WebSocket(`${application.url}/ws/greetings`);
  await once(client, "open");
  client.send("Ada");
  const [answer] = (await once(client, "message")) as [Buffer];
  assert.equal(answer.toString(), "Hello Ada, number 1");
  assert.equal(tsyringe.container.resolve(Counter).count, 1);
  await application.close();
  process.exitCode = 0;
}
