import { types } from "node:util";
import type { CloseStatus } from "@vernal/websocket";
import { fitsCloseFrame } from "./close-frame";
import { invalidTestArgument } from "./errors";
import type { RawFrameOptions } from "./raw-frame";

// What a client looks at before it sends it. Each throws VERNAL_TEST_INVALID_ARGUMENT; `call` is what the test called.

const MAX_LENGTH = 2n ** 64n - 1n;

export function checkData(call: string, data: unknown): void {
  if (typeof data === "string") return;
  if (!types.isUint8Array(data)) throw invalidTestArgument(call, data, "a string or bytes");
}

export function checkBytes(call: string, bytes: unknown): void {
  if (!types.isUint8Array(bytes)) throw invalidTestArgument(call, bytes, "bytes");
}

/** Wrong is only what no bytes can say: a frame may break every rule of the protocol. */
export function checkFrame(call: string, frame: RawFrameOptions): void {
  const { opcode, payload = "", reserved = 0, claimedLength = 0 } = frame;
  checkData(`payload of ${call}`, payload);
  checkNumber(`opcode of ${call}`, opcode, 15n);
  checkNumber(`reserved of ${call}`, reserved, 7n);
  checkNumber(`claimedLength of ${call}`, claimedLength, MAX_LENGTH);
}

/** @param status `undefined` for a close frame without a code. */
export function checkStatus(call: string, status: CloseStatus | undefined): void {
  if (status === undefined || fitsCloseFrame(status)) return;
  throw invalidTestArgument(
    call,
    status,
    "a status that a close frame can carry, 1000 to 1003, 1007 to 1014 or 3000 to 4999 with up to 123 bytes of reason, " +
      "or nothing for a close frame without a code; any other leaves with sendFrame()",
  );
}

function checkNumber(where: string, value: unknown, most: bigint): void {
  const isWhole = typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
  if (isWhole && value >= 0 && value <= most) return;
  throw invalidTestArgument(where, value, `a whole number from 0 to ${most}`);
}
