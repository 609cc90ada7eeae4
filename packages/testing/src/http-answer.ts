import type { HandshakeAnswer } from "@vernal/websocket";

/** A whole answer of HTTP. */
export interface HttpAnswer extends HandshakeAnswer {
  readonly body: string;
}
