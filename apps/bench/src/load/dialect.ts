import { clientFrame } from "./frames";

/** How a server wants to be spoken to over its WebSockets. */
export type Dialect = "plain" | "socket.io";

/** What the load sends, before it is framed. */
export interface Content {
  readonly kind: "text" | "json";
  /** Of the text; JSON is as long as it is. */
  readonly bytes: number;
}

const DATA = { id: 4711, x: 12.5, y: -3.25, name: "a name of some length", tags: ["one", "two"] };

/** Words and numbers, as text is: it can be compressed, but not to nothing. */
export function textOf(bytes: number): string {
  let text = "";
  for (let index = 0; text.length < bytes; index += 1) text += `${(index * 2654435761) % 997} words, `;
  return text.slice(0, bytes);
}

/** The payload of one message. */
export function requestOf(dialect: Dialect, { kind, bytes }: Content): string {
  return kind === "text" ? textMessage(dialect, bytes) : jsonMessage(dialect, "move");
}

/** The payload that answers it. */
export function answerOf(dialect: Dialect, { kind, bytes }: Content): string {
  return kind === "text" ? textMessage(dialect, bytes) : jsonMessage(dialect, "moved");
}

/** The path of the handshake. */
export function pathOf(dialect: Dialect): string {
  return dialect === "plain" ? "/ws" : "/ws/?EIO=4&transport=websocket";
}

/** Of socket.io: what asks for the main namespace, after the handshake. */
export const SOCKET_IO_CONNECT = clientFrame(Buffer.from("40"));
/** Of engine.io: what answers its ping, which is a message. */
export const ENGINE_IO_PONG = clientFrame(Buffer.from("3"));

function textMessage(dialect: Dialect, bytes: number): string {
  const text = textOf(bytes);
  return dialect === "plain" ? text : `42${JSON.stringify(["m", text])}`;
}

function jsonMessage(dialect: Dialect, event: string): string {
  return dialect === "plain" ? JSON.stringify({ event, data: DATA }) : `42${JSON.stringify([event, DATA])}`;
}
