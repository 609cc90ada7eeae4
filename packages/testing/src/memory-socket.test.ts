import { once } from "node:events";
import { MemorySocket } from "./memory-socket";

const pair = (): [MemorySocket, MemorySocket] => MemorySocket.pair("192.0.2.1", 1234);

test("each end knows both addresses", () => {
  const [client, server] = pair();
  expect([client.localAddress, client.localPort]).toEqual([server.remoteAddress, server.remotePort]);
  expect([server.localAddress, server.localPort]).toEqual([client.remoteAddress, client.remotePort]);
  expect([client.localAddress, client.localPort]).toEqual(["192.0.2.1", 1234]);
});

test("nothing arrives in the turn in which it was sent, and everything in its order", async () => {
  const [client, server] = pair();
  const chunks: string[] = [];
  server.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  client.write("a");
  client.write("b");
  client.end("c");
  await Promise.resolve();
  expect(chunks).toEqual([]);
  await once(server, "end");
  expect(chunks.join("")).toBe("abc");
});

test("whoever does not read makes the other side wait, and bytesWritten tells what was taken", async () => {
  const [client, server] = pair();
  const finished: number[] = [];
  for (const index of [0, 1, 2]) client.write(Buffer.alloc(65_536), () => finished.push(index));
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(finished).toEqual([]);
  expect(client.bytesWritten).toBe(3 * 65_536);
  expect(client.bytesWritten - client.writableLength).toBe(0);
  let bytes = 0;
  server.on("data", (chunk: Buffer) => (bytes += chunk.length));
  client.end();
  await once(server, "end");
  expect([bytes, finished, client.bytesWritten, client.writableLength]).toEqual([
    3 * 65_536,
    [0, 1, 2],
    3 * 65_536,
    0,
  ]);
});

test("one side can end and still read, if it is the server", async () => {
  const [client, server] = pair();
  client.end("question");
  server.resume();
  await once(server, "end");
  expect(server.writable).toBe(true);
  server.end("answer");
  expect(String((await once(client, "data"))[0])).toBe("answer");
  client.resume();
  await once(client, "end");
});

test("a client ends with its server", async () => {
  const [client, server] = pair();
  server.end();
  server.resume();
  client.resume();
  await Promise.all([once(client, "close"), once(server, "close")]);
});

test("what is destroyed is an end for the other side, behind what was sent", async () => {
  const [client, server] = pair();
  client.write("last words");
  await new Promise((resolve) => setImmediate(resolve));
  client.destroy();
  expect(String((await once(server, "data"))[0])).toBe("last words");
  server.resume();
  await once(server, "end");
  server.write("anybody?", () => {});
  const [error] = (await once(server, "error")) as [NodeJS.ErrnoException];
  expect(error.code).toBe("EPIPE");
});

test("a write that waits fails when the other side goes", async () => {
  const [client, server] = pair();
  client.on("error", () => {});
  const failed = new Promise<NodeJS.ErrnoException>((resolve) => {
    client.write(Buffer.alloc(200_000), (error) => resolve(error as NodeJS.ErrnoException));
  });
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  server.destroy();
  expect((await failed).code).toBe("EPIPE");
});

test("a reset is ECONNRESET for the other side", async () => {
  const [client, server] = pair();
  const error = once(server, "error") as Promise<[NodeJS.ErrnoException]>;
  client.resetAndDestroy();
  expect((await error)[0].code).toBe("ECONNRESET");
  expect([client.destroyed, server.destroyed]).toEqual([true, true]);
});
