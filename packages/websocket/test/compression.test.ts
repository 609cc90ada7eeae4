import { constants, deflateRawSync } from "node:zlib";
import { encodeRawFrame } from "@vernal/testing";
import {
  TextWebSocketHandler,
  WebSocketHandler,
  type TextMessage,
  type WebSocketSession,
} from "../src/index";
import { closeApplications, startApplication } from "./harness/application";
import { connectClient } from "./harness/client";
import { answerClose, openRaw, upgradeRaw, upgradeRequest } from "./harness/raw-connection";
import { answerAndEnd } from "./harness/refusal";
import { serve } from "./harness/serve";

const MAX_MESSAGE_BYTES = 64 * 1024;
/** The first reserved bit of a frame says that its message is compressed (RFC 7692 section 6). */
const COMPRESSED = 0b100;

class Echo extends TextWebSocketHandler {
  override async handleTextMessage(session: WebSocketSession, message: TextMessage): Promise<void> {
    await session.sendMessage(message);
  }
}

@WebSocketHandler("/on", { perMessageDeflate: true })
class On extends Echo {}

@WebSocketHandler("/off")
class Off extends Echo {}

let port: number;
let plainPort: number;
beforeAll(async () => {
  ({ port } = await serve(new Echo(), { perMessageDeflate: true }));
  ({ port: plainPort } = await serve(new Echo()));
});
afterAll(closeApplications);

const offering = (offer: string): readonly string[] => [`Sec-WebSocket-Extensions: ${offer}`];

/** What the server agrees to. */
async function agreed(to: number, offer: string, path = "/ws"): Promise<unknown> {
  const connection = await openRaw(to);
  connection.write(upgradeRequest(path, offering(offer)));
  const { status, headers } = await connection.answer();
  expect(status).toBe(101);
  // Whatever was agreed, what is not compressed goes through.
  connection.writeFrame({ opcode: 1, payload: "hello" });
  expect((await connection.nextFrame()).payload.toString()).toBe("hello");
  connection.destroy();
  return headers["sec-websocket-extensions"];
}

/** A message as a client compresses it. */
function compressed(text: string): Buffer {
  const bytes = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH });
  return bytes.subarray(0, -4);
}

describe("a client that offers compression", () => {
  it.each<[offer: string, answer: string]>([
    ["permessage-deflate", "permessage-deflate; server_no_context_takeover"],
    ["permessage-deflate; client_max_window_bits", "permessage-deflate; server_no_context_takeover"],
    [
      "permessage-deflate; server_max_window_bits=9",
      "permessage-deflate; server_max_window_bits=9; server_no_context_takeover",
    ],
    [
      "permessage-deflate; client_max_window_bits=9",
      "permessage-deflate; client_max_window_bits=9; server_no_context_takeover",
    ],
    [
      "permessage-deflate; client_no_context_takeover",
      "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
    ],
    ["foo; bar=1, permessage-deflate", "permessage-deflate; server_no_context_takeover"],
    [
      "permessage-deflate; server_max_window_bits=9, permessage-deflate",
      "permessage-deflate; server_max_window_bits=9; server_no_context_takeover",
    ],
  ])("gets it: %s", async (offer, answer) => {
    expect(await agreed(port, offer)).toBe(answer);
  });

  it.each([
    "permessage-deflate; unknown=1",
    "permessage-deflate; server_max_window_bits=16",
    "permessage-deflate; server_max_window_bits",
    "permessage-deflate; client_max_window_bits=7",
    "permessage-deflate; server_no_context_takeover=1",
    "permessage-deflate; server_max_window_bits=9; server_max_window_bits=10",
    "permessage-deflate; unknown, permessage-deflate",
    "foo; bar=1",
  ])("is accepted without it where the offer is none that is known: %s", async (offer) => {
    expect(await agreed(port, offer)).toBeUndefined();
  });

  it("is refused where the header is malformed", async () => {
    const answer = await answerAndEnd(port, upgradeRequest("/ws", offering("permessage-deflate;")));
    expect(answer.status).toBe(400);
  });

  it("does not get it where it is off, as it is unless set", async () => {
    expect(await agreed(plainPort, "permessage-deflate")).toBeUndefined();
  });

  it("gets it of the handlers for which it is on, and of no others", async () => {
    const { port: both } = await startApplication({ components: [On, Off] });
    expect(await agreed(both, "permessage-deflate", "/off")).toBeUndefined();
    expect(await agreed(both, "permessage-deflate", "/on")).toBeDefined();
  });

  it("is cut with 1002 for a compressed frame where nothing was agreed", async () => {
    const connection = await upgradeRaw(plainPort, "/ws", offering("permessage-deflate"));
    connection.writeFrame({ opcode: 1, payload: compressed("hello"), reserved: COMPRESSED });
    expect((await answerClose(connection)).readUInt16BE()).toBe(1002);
    connection.destroy();
  });
});

it("a compressed message arrives as it was", async () => {
  const connection = await upgradeRaw(port, "/ws", offering("permessage-deflate"));
  connection.writeFrame({ opcode: 1, payload: compressed("안녕 hello"), reserved: COMPRESSED });
  expect((await connection.nextFrame()).payload.toString()).toBe("안녕 hello");
  connection.destroy();
});

it("a client of ws has its large messages back", async () => {
  const client = await connectClient(`ws://localhost:${port}/ws`, { perMessageDeflate: true });
  expect(client.native.extensions).toContain("permessage-deflate");
  const text = "hello ".repeat(5000);
  client.send(text);
  expect(await client.next()).toBe(text);
  await client.close();
});

it("a message that is too large when it is inflated closes with 1009, and others are served", async () => {
  const other = await connectClient(`ws://localhost:${port}/ws`);
  const connection = await upgradeRaw(port, "/ws", offering("permessage-deflate"));
  const bomb = compressed("x".repeat(200 * MAX_MESSAGE_BYTES));
  expect(bomb.length).toBeLessThan(MAX_MESSAGE_BYTES);
  connection.write(encodeRawFrame({ opcode: 1, payload: bomb, reserved: COMPRESSED }));
  expect((await answerClose(connection)).readUInt16BE()).toBe(1009);
  other.send("still there");
  expect(await other.next()).toBe("still there");
  connection.destroy();
  await other.close();
});

it("the largest message that may come may come compressed", async () => {
  const connection = await upgradeRaw(port, "/ws", offering("permessage-deflate"));
  connection.writeFrame({
    opcode: 1,
    payload: compressed("x".repeat(MAX_MESSAGE_BYTES)),
    reserved: COMPRESSED,
  });
  connection.writeFrame({
    opcode: 1,
    payload: compressed("x".repeat(MAX_MESSAGE_BYTES + 1)),
    reserved: COMPRESSED,
  });
  const { opcode } = await connection.nextFrame();
  expect([1, 2]).toContain(opcode);
  expect((await answerClose(connection)).readUInt16BE()).toBe(1009);
  connection.destroy();
});
