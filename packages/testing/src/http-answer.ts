import type { HandshakeAnswer } from "@vernal/websocket";

/** A whole answer of HTTP. */
export interface HttpAnswer extends HandshakeAnswer {
  /** As text; empty where the answer has none. */
  readonly body: string;
}
