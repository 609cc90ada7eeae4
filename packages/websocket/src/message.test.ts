import { BinaryMessage, PingMessage, PongMessage, TextMessage } from "./message";

const INVALID = expect.objectContaining({ code: "VERNAL_INVALID_ARGUMENT" }) as Error;

describe("TextMessage", () => {
  it("of a string gives it back", () => {
    const message = new TextMessage("안녕 😀");
    expect(message.kind).toBe("text");
    expect(message.payload).toBe("안녕 😀");
    expect(message.payloadLength).toBe(11);
  });

  it("of bytes decodes them", () => {
    const message = new TextMessage(Buffer.from("안녕 😀"));
    expect(message.payload).toBe("안녕 😀");
    expect(message.payloadLength).toBe(11);
  });

  it("is empty for an empty string and for no bytes", () => {
    for (const message of [new TextMessage(""), new TextMessage(Buffer.alloc(0))]) {
      expect([message.payload, message.payloadLength, message.asBytes().length]).toEqual(["", 0, 0]);
    }
  });

  it("keeps a byte order mark, which is part of the text", () => {
    expect(new TextMessage(Buffer.from([0xef, 0xbb, 0xbf, 0x61])).payload).toBe("\ufeffa");
  });

  it("encodes a string at most once", () => {
    const message = new TextMessage("안녕");
    const bytes = message.asBytes();
    expect(bytes).toEqual(Buffer.from("안녕"));
    expect(message.asBytes()).toBe(bytes);
    expect(message.payloadLength).toBe(bytes.length);
  });

  it("does not decode bytes until its payload is read, and then once", () => {
    const bytes = new CountingBytes(Buffer.from("relayed"));
    const message = new TextMessage(bytes.buffer);
    expect(message.asBytes()).toBe(bytes.buffer);
    expect(message.payloadLength).toBe(7);
    expect(bytes.decoded).toBe(0);
    expect([message.payload, message.payload]).toEqual(["relayed", "relayed"]);
    expect(bytes.decoded).toBe(1);
  });

  it("relays bytes as they came, also those that are no UTF-8", () => {
    const bytes = Buffer.from([0xff, 0xfe]);
    const message = new TextMessage(bytes);
    expect(message.payload).toBe("\ufffd\ufffd");
    expect(message.asBytes()).toBe(bytes);
  });

  it("copies no bytes of another kind of array", () => {
    const whole = new Uint8Array([1, 104, 105, 2]);
    const bytes = new TextMessage(whole.subarray(1, 3)).asBytes();
    expect(bytes.toString()).toBe("hi");
    expect(bytes.buffer).toBe(whole.buffer);
    expect(bytes.byteOffset).toBe(1);
  });

  it("counts half a surrogate pair as the three bytes that it becomes", () => {
    const message = new TextMessage("\ud83d");
    expect(message.payloadLength).toBe(3);
    expect(message.asBytes()).toEqual(Buffer.from("\ufffd"));
    expect(message.payloadLength).toBe(3);
  });

  it.each([42, null, undefined, {}, ["a"], new ArrayBuffer(1), new Uint16Array(1)])(
    "refuses %p",
    (payload) => {
      expect(() => new TextMessage(payload as string)).toThrow(INVALID);
    },
  );

  it("names what it refuses", () => {
    expect(() => new TextMessage(new Map() as never)).toThrow(
      "new TextMessage got an object (Map). Give it a string or its UTF-8 bytes.",
    );
  });
});

describe("BinaryMessage", () => {
  it("holds the bytes it was given, uncopied", () => {
    const bytes = Buffer.from([1, 2, 3]);
    const message = new BinaryMessage(bytes);
    expect(message.kind).toBe("binary");
    expect(message.payload).toBe(bytes);
    expect(message.asBytes()).toBe(bytes);
    expect(message.payloadLength).toBe(3);
  });

  it.each([
    ["a Uint8Array", (bytes: Uint8Array<ArrayBuffer>) => bytes],
    ["an ArrayBuffer", (bytes: Uint8Array<ArrayBuffer>) => bytes.buffer],
  ])("shares the memory of %s", (_, payloadOf) => {
    const bytes = new Uint8Array([1, 2, 3]);
    const { payload } = new BinaryMessage(payloadOf(bytes));
    expect(Buffer.isBuffer(payload)).toBe(true);
    expect([...payload]).toEqual([1, 2, 3]);
    expect(payload.buffer).toBe(bytes.buffer);
  });

  it("takes the part of the memory that a view shows", () => {
    const view = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    expect([...new BinaryMessage(view).payload]).toEqual([2, 3]);
  });

  it.each(["text", 42, null, undefined, {}, [1, 2], new DataView(new ArrayBuffer(1)), new Float32Array(1)])(
    "refuses %p",
    (payload) => {
      expect(() => new BinaryMessage(payload as never)).toThrow(INVALID);
    },
  );
});

describe.each([
  ["ping", PingMessage],
  ["pong", PongMessage],
] as const)("a %s", (kind, Message) => {
  it("is empty unless it is given bytes", () => {
    const message = new Message();
    expect(message.kind).toBe(kind);
    expect([message.payloadLength, message.payload.length, message.asBytes().length]).toEqual([0, 0, 0]);
  });

  it("takes up to 125 bytes, uncopied", () => {
    const bytes = Buffer.alloc(125, 7);
    const message = new Message(bytes);
    expect(message.payload).toBe(bytes);
    expect(message.asBytes()).toBe(bytes);
    expect(message.payloadLength).toBe(125);
  });

  it("refuses 126 bytes", () => {
    expect(() => new Message(Buffer.alloc(126))).toThrow(INVALID);
    expect(() => new Message(new ArrayBuffer(126))).toThrow(/126 bytes.*at most 125 bytes/);
  });

  it.each(["text", 42, null, {}])("refuses %p", (payload) => {
    expect(() => new Message(payload as never)).toThrow(INVALID);
  });
});

/** Bytes that say how often they were decoded. */
class CountingBytes {
  readonly buffer: Buffer;
  decoded = 0;

  constructor(bytes: Buffer) {
    this.buffer = bytes;
    const decode = bytes.toString.bind(bytes);
    bytes.toString = (...given) => {
      this.decoded += 1;
      return decode(...given);
    };
  }
}
