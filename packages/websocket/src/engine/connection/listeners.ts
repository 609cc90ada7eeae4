import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";

const LISTENER = Symbol("listener");

/** What wants to hear of a WebSocket and of the socket beneath it. */
export interface SocketListener {
  received(chunk: Buffer): void;
  receive(data: Buffer, isBinary: boolean): void;
  receivePing(data: Buffer): void;
  receivePong(data: Buffer): void;
  /** ws refuses what the peer sent. */
  protocolFailed(error: Error): void;
  socketFailed(error: Error): void;
  /** ws is about to write, which it also does of its own accord. */
  beforeWrite(): void;
  /** The connection has ended. */
  ended(code: number, reason: string): void;
}

interface Carrier {
  [LISTENER]?: SocketListener;
}

/** Listens from this very turn on, with functions that all connections share. */
export function listen(ws: WebSocket, socket: Duplex, listener: SocketListener): void {
  (ws as unknown as Carrier)[LISTENER] = listener;
  (socket as unknown as Carrier)[LISTENER] = listener;
  ws.on("message", onMessage);
  ws.on("ping", onPing);
  ws.on("pong", onPong);
  ws.on("error", onProtocolError);
  ws.on("close", onClose);
  socket.on("data", onData);
  socket.on("error", onSocketError);
}

/** Says to whoever listens that ws is about to write. */
export function announceWrite(ws: WebSocket): void {
  (ws as unknown as Carrier)[LISTENER]?.beforeWrite();
}

function onMessage(this: WebSocket, data: unknown, isBinary: boolean): void {
  listenerOf(this).receive(data as Buffer, isBinary);
}

function onPing(this: WebSocket, data: Buffer): void {
  listenerOf(this).receivePing(data);
}

function onPong(this: WebSocket, data: Buffer): void {
  listenerOf(this).receivePong(data);
}

function onProtocolError(this: WebSocket, error: Error): void {
  listenerOf(this).protocolFailed(error);
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  listenerOf(this).ended(code, reason.toString("utf8"));
}

function onData(this: Duplex, chunk: Buffer): void {
  listenerOf(this).received(chunk);
}

function onSocketError(this: Duplex, error: Error): void {
  listenerOf(this).socketFailed(error);
}

function listenerOf(carrier: object): SocketListener {
  return (carrier as Carrier)[LISTENER]!;
}
