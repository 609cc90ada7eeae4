import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import {
  inject,
  injectable,
  TextWebSocketHandler,
  WebSocketApplication,
  WebSocketHandler,
  type TextMessage,
  type WebSocketApplicationOptions,
  type WebSocketSession,
} from "@vernal/websocket";
import * as tsyringe from "tsyringe";
import { WebSocket } from "ws";

// npm keeps two copies here: this project's, and a newer one inside the framework. Each has a container of its own.

@injectable()
class Names {
  readonly first = "Ada";
}

@tsyringe.injectable()
class Greetings {
  constructor(@tsyringe.inject(Names) private readonly names: { first: string }) {}

  of(text: string): string {
    return `${text} ${this.names.first}`;
  }
}

@WebSocketHandler("/ws/greetings")
class GreetingHandler extends TextWebSocketHandler {
  constructor(
    private readonly greetings: Greetings,
    @inject(Names) private readonly names: { first: string },
  ) {
    super();
  }

  override async handleTextMessage(session: WebSocketSession, message: TextMessage): Promise<void> {
    await session.sendMessage(`${this.greetings.of(message.payload)}, ${this.names.first}`);
  }
}

@WebSocketHandler("/ws/settings")
class SettingsHandler extends TextWebSocketHandler {
  constructor(@inject("Language") private readonly language: string) {
    super();
  }

  override async handleTextMessage(session: WebSocketSession): Promise<void> {
    await session.sendMessage(this.language);
  }
}

// Until everything has happened: a process that waits for nothing but a promise ends with 0.
process.exitCode = 1;
void main();

async function main(): Promise<void> {
  const ofFramework = createRequire(require.resolve("@vernal/websocket")).resolve("tsyringe");
  assert.notEqual(require.resolve("tsyringe"), ofFramework, "npm installed one copy of tsyringe");

  const greeting = await exchange("/ws/greetings", "Hello", { components: [GreetingHandler] });
  assert.equal(greeting, "Hello Ada, Ada");

  // What is registered in the other copy is not seen: the report names it, and `providers` hands it over.
  tsyringe.container.register("Language", { useValue: "ko" });
  await assert.rejects(
    WebSocketApplication.start({ port: 0, components: [SettingsHandler] }),
    /VERNAL_MISSING_PROVIDER\] SettingsHandler needs "Language" as the first parameter/,
  );
  const useFactory = () => tsyringe.container.resolve<string>("Language");
  const language = await exchange("/ws/settings", "", {
    components: [SettingsHandler],
    providers: [{ token: "Language", useFactory }],
  });
  assert.equal(language, "ko");
  process.exitCode = 0;
}

async function exchange(path: string, text: string, options: WebSocketApplicationOptions): Promise<string> {
  const application = await WebSocketApplication.run({ port: 0, ...options });
  const client = new WebSocket(`${application.url}${path}`);
  await once(client, "open");
  client.send(text);
  const [answer] = (await once(client, "message")) as [Buffer];
  await application.close();
  return answer.toString();
}
