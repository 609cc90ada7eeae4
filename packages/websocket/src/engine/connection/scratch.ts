import { writeFrame, type Payload } from "./frame";

/** The most that one user puts together. */
export const SCRATCH_BYTES = 64 * 1024;

/** Who puts frames together in the scratch. */
export interface ScratchUser {
  /** Somebody else needs the place: what is in it has to be taken. */
  leaveScratch(): void;
}

/**
 * Where the small frames of one socket are put together before they leave in one write: one place for all sockets, since
 * those of a tick mostly go to the same one.
 */
export class Scratch {
  #buffer: Buffer | undefined;
  #length = 0;
  #user: ScratchUser | undefined;

  isUsedBy(user: ScratchUser): boolean {
    return this.#user === user;
  }

  append(user: ScratchUser, opcode: number, payload: Payload, payloadLength: number): void {
    if (this.#user !== user) {
      this.#user?.leaveScratch();
      this.#user = user;
    }
    this.#buffer ??= Buffer.allocUnsafeSlow(SCRATCH_BYTES);
    this.#length = writeFrame(this.#buffer, this.#length, opcode, payload, payloadLength);
  }

  /** What is in it, copied; it is free again. */
  take(): Buffer {
    const taken = Buffer.allocUnsafe(this.#length);
    this.#buffer!.copy(taken, 0, 0, this.#length);
    this.#length = 0;
    this.#user = undefined;
    return taken;
  }
}
