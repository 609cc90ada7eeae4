import { WebSocketApplication } from "@vernal/websocket";
import { SubProtocolHandler } from "./sub-protocol";
import { Tokens } from "./tokens";

async function main(): Promise<void> {
  const secret = process.env["SECRET"];
  if (!secret) throw new Error("Set SECRET");
  const tokens = new Tokens(secret);
  await WebSocketApplication.run({
    port: Number(process.env["PORT"] ?? 8080),
    components: [SubProtocolHandler],
    providers: [{ token: Tokens, useValue: tokens }],
  });
  // In place of a login, which would check a password first.
  console.log(tokens.issue("ada", "chat", { seconds: 15 * 60 }));
}

void main();
