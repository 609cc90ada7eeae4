import { setTimeout as sleep } from "node:timers/promises";
import { frame, head, RawPeer } from "./raw-peer.mjs";

const TEXT = 1;
const CONTINUATION = 0;
const PING = 9;
const CLOSE = 8;

/** After this whoever should have been cut is taken for one that was forgotten. */
const longestLifeMs = 20_000;

/** What the server has to end, each by its name. */
const writes = {
  "garbage frames": () =>
    Buffer.from(Array.from({ length: 200 }, () => Math.floor(Math.random() * 256) | 0x70)),
  "reserved opcode": () => frame(3, "x"),
  "text that is not UTF-8": () => frame(TEXT, Buffer.from([0xff, 0xfe, 0xc0])),
  "oversized message": () => frame(TEXT, "", { length: 200_000_000 }),
  "ping flood": () => Buffer.concat(Array(3000).fill(frame(PING, "flood"))),
  "message flood": () => Buffer.concat(Array(2000).fill(frame(TEXT, "flood"))),
  "fragment flood": () =>
    Buffer.concat([
      frame(TEXT, "a", { fin: false }),
      ...Array(200).fill(frame(CONTINUATION, "b", { fin: false })),
    ]),
  "unfinished message": () => frame(TEXT, "a beginning", { fin: false }),
  "half a frame": () => frame(TEXT, "x".repeat(100)).subarray(0, 50),
  "invalid close code": () => frame(CLOSE, Buffer.from([0x03, 0xed])),
};

const others = {
  "half a head": async (port) => {
    const peer = await RawPeer.open(port);
    peer.socket.write(head("/echo").slice(0, 40));
    return peer;
  },
  "RST in the handshake": async (port) => {
    const peer = await RawPeer.open(port);
    peer.socket.write(head("/diary"), () => peer.socket.resetAndDestroy());
    return peer;
  },
  "RST in a message": async (port) => {
    const peer = await RawPeer.upgrade(port, "/diary");
    peer.socket.write(frame(TEXT, "x".repeat(1000)).subarray(0, 500), () => peer.socket.resetAndDestroy());
    return peer;
  },
  "refused stranger": async (port) => RawPeer.upgrade(port, "/diary?stranger"),
};

export const attackNames = [...Object.keys(writes), ...Object.keys(others)];

/** Does it; resolves with whether the server ended it in time. */
export async function attack(port, name, path) {
  const peer = await (others[name]?.(port) ?? RawPeer.upgrade(port, path));
  if (name in writes) peer.socket.write(writes[name]());
  peer.socket.resume();
  const limit = new AbortController();
  const wasEnded = await Promise.race([
    peer.ended.then(() => true),
    sleep(longestLifeMs, false, { signal: limit.signal }),
  ]);
  limit.abort();
  peer.socket.destroy();
  return wasEnded;
}
