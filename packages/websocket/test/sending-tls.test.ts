import { startTestApplication, type TestApplication, type TestClient } from "@vernal/testing";
import { Keeper } from "./harness/keeper";
import { TLS } from "./harness/tls";
import { until } from "./harness/until";

const KIBIBYTE = 1024;

let application: TestApplication;
afterEach(() => application.close());

async function connected(): Promise<{ client: TestClient; handler: Keeper }> {
  const handler = new Keeper();
  application = await startTestApplication({ handlers: { "/ws": handler }, tls: TLS });
  return { client: await application.connect("/ws"), handler };
}

describe("over TLS, which tells a turn later what has left,", () => {
  it("a burst of 4 MiB reaches a peer that reads, in its order", async () => {
    const { client, handler } = await connected();
    for (let count = 0; count < 64; count += 1) {
      void handler.sessions[0]!.sendMessage(`${count} `.padEnd(64 * KIBIBYTE));
    }
    await until("all of it", () => client.received.length === 64);
    expect(client.received.map((text) => Number.parseInt(text as string, 10))).toEqual([...Array(64).keys()]);
    await client.close();
  });

  it("a producer that waits for its answers is not closed, however much it sends", async () => {
    const { client, handler } = await connected();
    const [session] = handler.sessions;
    for (let count = 0; count < 200; count += 1) {
      expect(await session!.sendMessage(Buffer.alloc(100 * KIBIBYTE))).toBe(true);
    }
    await until("all of it", () => client.received.length === 200);
    await client.close();
  });

  it("a peer that does not read is closed with 4500", async () => {
    const { client, handler } = await connected();
    const [session] = handler.sessions;
    client.pause();
    await until("the limit", () => {
      void session!.sendMessage(Buffer.alloc(32 * KIBIBYTE));
      return !session!.isOpen;
    });
    await until("the end", () => handler.statuses.length === 1);
    expect(handler.statuses[0]!.code).toBe(4500);
    client.terminate();
  });
});
