import { randomUUID } from "node:crypto";

const UUID_LENGTH = 36;
const scratch = Buffer.alloc(UUID_LENGTH);

/**
 * A random id in one piece: Node puts its UUIDs together of twenty strings, which stay as long as the result does, and
 * are ten times its size.
 */
export function newSessionId(): string {
  scratch.write(randomUUID(), "latin1");
  return scratch.toString("latin1");
}
