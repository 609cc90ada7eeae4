import { once } from "node:events";
import { MemorySocket } from "./memory-socket";

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

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
  await turns(5);
  // One lies with the server, one is on its way, and one waits.
  expect(finished).toEqual([0, 1]);
  expect(client.bytesWritten).toBe(3 * 65_536);
  expect(client.bytesWritten - client.writableLength).toBe(2 * 65_536);
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

test("an end comes also to who does not read, where nothing stands before it", async () => {
  const ends: string[] = [];
  for (const last of ["", "unread"]) {
    const [client, server] = pair();
    server.on("end", () => ends.push(`behind "${last}"`));
    client.end(last);
    await turns(5);
  }
  expect(ends).toEqual(['behind ""']);
});

test("a client ends with its server", async () => {
  const [client, server] = pair();
  server.end();
  server.resume();
  client.resume();
  await Promise.all([once(client, "close"), once(server, "close")]);
});

test("what is sent in one turn arrives in reads of up to 64 KiB, one in a turn", async () => {
  const [client, server] = pair();
  const reads: number[] = [];
  server.on("data", (chunk: Buffer) => reads.push(chunk.length));
  client.write("a");
  client.write(Buffer.alloc(150_000));
  for (const expected of [[], [65_536], [65_536, 65_536], [65_536, 65_536, 150_001 - 2 * 65_536]]) {
    expect(reads).toEqual(expected);
    await turns(1);
  }
});

test("who pauses in the middle of a burst has got one read of it", async () => {
  const [client, server] = pair();
  const reads: number[] = [];
  server.on("data", (chunk: Buffer) => {
    reads.push(chunk.length);
    server.pause();
  });
  client.write(Buffer.alloc(200_000));
  await turns(5);
  expect(reads).toEqual([65_536]);
});

test("a writer may use its bytes again, and a reader may change them", async () => {
  const [client, server] = pair();
  const bytes = Buffer.from("once");
  client.write(bytes);
  bytes.fill("x");
  const [read] = (await once(server, "data")) as [Buffer];
  expect(read.toString()).toBe("once");
  client.write(bytes);
  ((await once(server, "data")) as [Buffer])[0].fill("y");
  expect(bytes.toString()).toBe("xxxx");
});

test("what was written in the turn of a destroy arrives, and the end behind it", async () => {
  const [client, server] = pair();
  client.write("last ");
  client.write("words");
  client.destroy();
  let text = "";
  server.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await once(server, "end");
  expect(text).toBe("last words");
});

test("the first write to an end that has gone is taken and lost, the next one fails", async () => {
  const [client, server] = pair();
  client.destroy();
  server.resume();
  await once(server, "end");
  const failures: unknown[] = [];
  const write = (text: string): boolean => server.write(text, (error) => failures.push(error ?? "taken"));
  write("anybody?");
  await turns(2);
  expect([failures, server.bytesWritten, server.writableLength]).toEqual([["taken"], 8, 0]);
  const error = once(server, "error") as Promise<[NodeJS.ErrnoException]>;
  write("nobody?");
  expect((await error)[0].code).toBe("EPIPE");
  expect(failures).toEqual(["taken", (await error)[0]]);
});

test("a write that waits ends when its own side goes, and fails when the other does, behind what that had to say", async () => {
  const [client, server] = pair();
  const ends: unknown[] = [];
  client.on("data", (chunk: Buffer) => ends.push(chunk.toString()));
  client.on("error", ({ code }: NodeJS.ErrnoException) => ends.push(code));
  client.write(Buffer.alloc(200_000), (error) => ends.push((error as NodeJS.ErrnoException).code));
  await turns(2);
  server.write("last words");
  server.destroy();
  await new Promise((resolve) => client.once("close", resolve));
  expect(ends).toEqual(["last words", "ECONNRESET", "ECONNRESET"]);

  const [other] = pair();
  const ended = new Promise((resolve) => other.write(Buffer.alloc(200_000), resolve));
  other.destroy();
  expect(await ended).toBeFalsy();
});

test("a reset is ECONNRESET for the other side, also where a write waits, and discards what is on its way", async () => {
  const [client, server] = pair();
  const reads: Buffer[] = [];
  server.on("data", (chunk: Buffer) => reads.push(chunk));
  const error = once(server, "error") as Promise<[NodeJS.ErrnoException]>;
  const written = new Promise<NodeJS.ErrnoException>((resolve) => {
    server.write(Buffer.alloc(200_000), (failure) => resolve(failure as NodeJS.ErrnoException));
  });
  client.write("lost");
  client.resetAndDestroy();
  expect((await error)[0].code).toBe("ECONNRESET");
  expect((await written).code).toBe("ECONNRESET");
  expect([client.destroyed, server.destroyed, reads]).toEqual([true, true, []]);
});
