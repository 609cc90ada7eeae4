import { Buffer } from "node:buffer";
import { frameLengthOf, MERGE_LIMIT_BYTES, writeFrame, type Payload } from "./frame";

/** Small, because as much is kept for as long as any part of it waits to be sent, as with the pool of Node's buffers. */
const SLAB_BYTES = 8 * 1024;
const LARGEST_FRAME_BYTES = frameLengthOf(MERGE_LIMIT_BYTES);

/** Who puts frames together in the scratch. */
export interface ScratchUser {
  /** Somebody else goes on where it stopped, or there is no room: what is in it has to be taken. */
  leaveScratch(): void;
}

/**
 * Where the small frames of one socket are put together, one behind the other, to leave in one write. One for all sockets:
 * what is sent in a tick mostly goes to the same one.
 */
export class Scratch {
  #slab = Buffer.alloc(0);
  /** Where that which has not been taken begins, and ends. */
  #start = 0;
  #end = 0;
  #user: ScratchUser | undefined;

  isUsedBy(user: ScratchUser): boolean {
    return this.#user === user;
  }

  append(user: ScratchUser, opcode: number, payload: Payload, payloadLength: number): void {
    if (this.#user !== user || this.#slab.length - this.#end < LARGEST_FRAME_BYTES) this.#makeRoom(user);
    this.#end = writeFrame(this.#slab, this.#end, opcode, payload, payloadLength);
  }

  /** What its user has put into it, uncopied; others may go on behind it. */
  take(): Buffer {
    const taken = this.#slab.subarray(this.#start, this.#end);
    this.#start = this.#end;
    this.#user = undefined;
    return taken;
  }

  #makeRoom(user: ScratchUser): void {
    if (this.#user !== user) {
      this.#user?.leaveScratch();
      this.#user = user;
    }
    if (this.#slab.length - this.#end >= LARGEST_FRAME_BYTES) return;
    if (this.#end - this.#start > SLAB_BYTES / 2) {
      user.leaveScratch();
      this.#user = user;
    }
    // What has been begun goes along, so that it leaves as one buffer: two cost Node more than the copy.
    const begun = this.#slab.subarray(this.#start, this.#end);
    this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    this.#slab.set(begun);
    this.#start = 0;
    this.#end = begun.length;
  }
}
