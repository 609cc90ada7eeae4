import { CloseStatus, TextWebSocketHandler, type TextMessage, type WebSocketSession } from "../src/index";
import { closeApplications, recordingLogger, type LogLine } from "./harness/application";
import { connectClient } from "./harness/client";
import { serve } from "./harness/serve";
import { until } from "./harness/until";

afterEach(closeApplications);

const { logger, lines } = recordingLogger("info");
const lineWith = async (text: string): Promise<LogLine> => {
  const found = (): LogLine | undefined => lines.find(({ msg }) => msg.includes(text));
  await until(text, () => found() !== undefined);
  return found()!;
};

class Obeying extends TextWebSocketHandler {
  override handleTextMessage(session: WebSocketSession<object>, { payload }: TextMessage): void {
    if (payload === "close") session.close(4000 as never);
    const statusOfAnother: CloseStatus = CloseStatus.NO_CLOSE_FRAME;
    if (payload === "lost") session.close(statusOfAnother);
    const end = performance.now() + (payload === "block" ? 1100 : 0);
    while (performance.now() < end);
  }
}

it("says which limit ended the session of somebody who sends too much at once", async () => {
  const { url } = await serve(new Obeying(), { maxMessageBytes: 10 }, { logger });
  const client = await connectClient(`${url}/ws`);
  client.send("x".repeat(11));
  expect((await client.closed()).code).toBe(1009);
  expect(await lineWith("a limit ends the session")).toMatchObject({
    level: 30,
    limit: "maxMessageBytes",
    code: 1009,
    path: "/ws",
  });
});

it("warns of a close with what is no status, which leaves without a code", async () => {
  const { url } = await serve(new Obeying(), {}, { logger });
  const client = await connectClient(`${url}/ws`);
  client.send("close");
  expect((await client.closed()).code).toBe(1005);
  const { level, msg } = await lineWith("session.close got 4000");
  expect(level).toBe(40);
  expect(msg).toContain("Give it a CloseStatus, such as new CloseStatus(4000)");
});

it("says nothing of the status of another session, which leaves without a code where it was only received", async () => {
  const { logger: quiet, lines: said } = recordingLogger("warn");
  const { url } = await serve(new Obeying(), {}, { logger: quiet });
  const client = await connectClient(`${url}/ws`);
  client.send("lost");
  expect((await client.closed()).code).toBe(1005);
  expect(said).toEqual([]);
});

it("warns when the event loop has stood still", async () => {
  const { url } = await serve(new Obeying(), { idleTimeoutMs: 40_000, slowCallbackMs: 40 }, { logger });
  const client = await connectClient(`${url}/ws`);
  client.send("block");
  const { level, ms } = await lineWith("the event loop stood still for");
  expect(level).toBe(40);
  expect(ms).toBeGreaterThanOrEqual(1000);
});
