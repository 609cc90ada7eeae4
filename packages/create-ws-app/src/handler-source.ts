import { exampleOf, variablesOf } from "./handler-path";

/** The class: it answers, so that its test has something to hold on to. */
export function handlerSource(className: string, path: string): string {
  const variables = variablesOf(path);
  const session =
    variables.length === 0
      ? "WebSocketSession"
      : `WebSocketSession<{ ${variables.map((name) => `${name}: string`).join("; ")} }>`;
  return `import {
  TextWebSocketHandler,
  WebSocketHandler,
  type TextMessage,
  type WebSocketSession,
} from "@vernal/websocket";

@WebSocketHandler(${JSON.stringify(path)})
export class ${className} extends TextWebSocketHandler {
  override async handleTextMessage(session: ${session}, message: TextMessage): Promise<void> {
    await session.sendMessage(${answerIn(variables)});
  }
}
`;
}

export function handlerTest(className: string, file: string, path: string): string {
  const address = JSON.stringify(exampleOf(path, exampleValue));
  const answer = ["hello", ...variablesOf(path).map((_, index) => exampleValue(index))].join(" ");
  return `import { startInMemoryApplication } from "@vernal/testing";
import { ${className} } from "../src/handlers/${file}";

test("answers what it is told", async () => {
  await using application = await startInMemoryApplication({ components: [${className}] });
  const client = await application.connect(${address});
  client.send("hello");
  expect(await client.next()).toBe(${JSON.stringify(answer)});
});

test("takes text only", async () => {
  await using application = await startInMemoryApplication({ components: [${className}] });
  const client = await application.connect(${address});
  client.send(Buffer.of(1));
  expect((await client.closed()).code).toBe(1003);
});

test("refuses a page of another origin", async () => {
  await using application = await startInMemoryApplication({ components: [${className}] });
  const { status } = await application.refusal(${address}, { origin: "https://elsewhere.example" });
  expect(status).toBe(403);
});
`;
}

function answerIn(variables: readonly string[]): string {
  if (variables.length === 0) return "message";
  const values = variables.map((name) => `\${session.pathVariables.${name}}`).join(" ");
  return `\`\${message.payload} ${values}\``;
}

function exampleValue(index: number): string {
  return ["one", "two", "three"][index] ?? `value${index + 1}`;
}
