import type { Writable } from "node:stream";

/** The parser of ws for the bytes of one side; its types leave it out. Emits `message`, `ping`, `pong`, `error`. */
export function createReceiver(options: ReceiverOptions): Writable {
  const { deflate, ...rest } = options;
  const extensions: Record<string, object> = {};
  if (deflate === true) {
    const extension = new PerMessageDeflate({ isServer: options.isServer });
    extension.accept([{}]);
    extensions["permessage-deflate"] = extension;
  }
  return new Receiver({ ...rest, extensions });
}

export interface ReceiverOptions {
  /** Whether it reads what a client sends. */
  readonly isServer: boolean;
  readonly maxPayload?: number;
  readonly maxFragments?: number;
  readonly deflate?: boolean;
}

const { Receiver, PerMessageDeflate } = require("ws") as {
  Receiver: new (options: object) => Writable;
  PerMessageDeflate: new (options: object) => { accept(offers: readonly object[]): object };
};
