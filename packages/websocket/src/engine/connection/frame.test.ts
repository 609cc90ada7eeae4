import { once } from "node:events";
import fc from "fast-check";
import { createReceiver } from "../../../test/harness/ws-receiver";
import { BinaryMessage, PingMessage, PongMessage, TextMessage, type Sendable } from "../../message";
import { encodeFrame, type Frame } from "./frame";

const EDGES = [0, 1, 124, 125, 126, 127, 1023, 1024, 1025, 65_534, 65_535, 65_536, 65_537, 200_000];
const size = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...EDGES) },
  { weight: 2, arbitrary: fc.nat({ max: 2000 }) },
  { weight: 1, arbitrary: fc.nat({ max: 150_000 }) },
);
const pattern = Buffer.from(Array.from({ length: 251 }, (_, index) => index));
const bytesOf = (length: number, seed: number) => Buffer.alloc(length, pattern.subarray(seed));
const bytes = fc.tuple(size, fc.nat({ max: 250 })).map(([length, seed]) => bytesOf(length, seed));
const smallBytes = fc.uint8Array({ maxLength: 125 }).map((array) => Buffer.from(array));
/** Whole characters of one to four bytes, of about the given size. */
const text = fc
  .tuple(size, fc.constantFrom("a", "é", "가", "😀", "a가"))
  .map(([length, unit]) => unit.repeat(Math.ceil(length / Buffer.byteLength(unit))));

type Received = readonly [kind: "text" | "binary" | "ping" | "pong", payload: Buffer];

const wireOf = ({ head, body }: Frame): Buffer => (body === undefined ? head : Buffer.concat([head, body]));

/** What the client of ws reads from these bytes. */
async function receive(wire: Buffer): Promise<Received[]> {
  const receiver = createReceiver({ isServer: false });
  const received: Received[] = [];
  receiver.on("message", (data: Buffer, isBinary: boolean) =>
    received.push([isBinary ? "binary" : "text", data]),
  );
  receiver.on("ping", (data: Buffer) => received.push(["ping", data]));
  receiver.on("pong", (data: Buffer) => received.push(["pong", data]));
  receiver.end(wire);
  await once(receiver, "finish");
  return received;
}

/** In a form that is compared fast, also when it is long. */
const shown = (received: readonly Received[]) =>
  received.map(([kind, payload]) => [kind, payload.toString("latin1")]);
const headerLength = (payloadLength: number) => (payloadLength < 126 ? 2 : payloadLength < 65_536 ? 4 : 10);

const message: fc.Arbitrary<{ readonly sent: Sendable; readonly expected: Received }> = fc.oneof(
  text.map((sent) => ({ sent, expected: ["text", Buffer.from(sent)] as const })),
  text.map((given) => ({ sent: new TextMessage(given), expected: ["text", Buffer.from(given)] as const })),
  text.map((given) => ({
    sent: new TextMessage(Buffer.from(given)),
    expected: ["text", Buffer.from(given)] as const,
  })),
  bytes.map((sent) => ({ sent, expected: ["binary", sent] as const })),
  bytes.map((sent) => ({ sent: new BinaryMessage(sent), expected: ["binary", sent] as const })),
  smallBytes.map((sent) => ({ sent: new PingMessage(sent), expected: ["ping", sent] as const })),
  smallBytes.map((sent) => ({ sent: new PongMessage(sent), expected: ["pong", sent] as const })),
);

describe("a frame", () => {
  it("is read by ws as what was encoded", async () => {
    await fc.assert(
      fc.asyncProperty(message, async ({ sent, expected }) => {
        expect(shown(await receive(wireOf(encodeFrame(sent))))).toEqual(shown([expected]));
      }),
    );
  });

  it("ends where the next one begins", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 2, maxLength: 8 }), async (messages) => {
        const wire = Buffer.concat(messages.map(({ sent }) => wireOf(encodeFrame(sent))));
        expect(shown(await receive(wire))).toEqual(shown(messages.map(({ expected }) => expected)));
      }),
      { numRuns: 30 },
    );
  });

  it.each(EDGES)("of %d bytes has the shortest header, unmasked, and says its length", (length) => {
    for (const sent of [bytesOf(length, 1), "a".repeat(length), new TextMessage("a".repeat(length))]) {
      const frame = encodeFrame(sent);
      expect(frame.byteLength).toBe(headerLength(length) + length);
      expect(wireOf(frame).length).toBe(frame.byteLength);
      expect(frame.head[0]).toBe(typeof sent === "object" && sent instanceof Uint8Array ? 0x82 : 0x81);
      expect(frame.head[1]! & 0x80).toBe(0);
    }
  });

  it.each(EDGES.filter((length) => length <= 1024))("of %d bytes is one buffer", (length) => {
    expect(encodeFrame(bytesOf(length, 1)).body).toBeUndefined();
    expect(encodeFrame("a".repeat(length)).body).toBeUndefined();
  });

  it.each(EDGES.filter((length) => length > 1024))("of %d bytes leaves its payload where it is", (length) => {
    const payload = bytesOf(length, 1);
    const text = new TextMessage(payload);
    for (const sent of [text, new BinaryMessage(payload)]) {
      const { head, body } = encodeFrame(sent);
      expect(body).toBe(payload);
      expect(head.length).toBe(headerLength(length));
    }
    const array = new Uint8Array(payload);
    expect(encodeFrame(array).body!.buffer).toBe(array.buffer);
  });

  it("of less is not touched by later changes of the payload", () => {
    const payload = Buffer.from("small");
    const frame = encodeFrame(payload);
    payload.fill(0);
    expect(frame.head.subarray(2).toString()).toBe("small");
  });

  it("encodes a large text once for all who relay it", () => {
    const message = new TextMessage("가".repeat(1000));
    expect(encodeFrame(message).body).toBe(encodeFrame(message).body);
  });

  it("takes the part of the memory that a view shows", async () => {
    const view = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    expect(await receive(wireOf(encodeFrame(view)))).toEqual([["binary", Buffer.from([2, 3])]]);
  });

  it("replaces half a surrogate pair, which UTF-8 cannot say", async () => {
    for (const text of ["a\ud83d", "\ude00b", `\ud83d${"a".repeat(2000)}`]) {
      for (const sent of [text, new TextMessage(text)]) {
        const [received] = await receive(wireOf(encodeFrame(sent)));
        expect(received![1].toString()).toBe(text.replace(/\p{Cs}/u, "\ufffd"));
      }
    }
  });
});

describe("what is no message", () => {
  it.each([
    ["a number", 42],
    ["null", null],
    ["nothing", undefined],
    ["true", true],
    ["an object", { payload: "text" }],
    ["an array", ["text"]],
    ["an ArrayBuffer", new ArrayBuffer(1)],
    ["another view", new Uint16Array(1)],
    ["a promise", Promise.resolve("text")],
    ["the name of a method of all objects", { kind: "constructor", asBytes: () => Buffer.of(1) }],
    ["a binary look-alike whose bytes are none", { kind: "binary", asBytes: () => new ArrayBuffer(8) }],
    ["a text look-alike", { kind: "text", payload: "text" }],
    ["a binary look-alike", { kind: "binary", payload: "text" }],
    ["a ping look-alike that no control frame can hold", { kind: "ping", payload: Buffer.alloc(1000) }],
  ])("is refused: %s", (_, value) => {
    expect(() => encodeFrame(value as Sendable)).toThrow(
      expect.objectContaining({ code: "VERNAL_INVALID_ARGUMENT" }) as Error,
    );
  });
});
