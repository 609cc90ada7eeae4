import { textOf } from "../load/dialect";
import { clientFrame } from "../load/frames";
import { answer, usage } from "../processes/answering";
import type { Answer } from "../processes/questions";
import type { StandIn } from "./stand-in";

const PAYLOAD_BYTES = 128;
const ANSWER_BYTES = 2 + 2 + PAYLOAD_BYTES;

/** What a process of the micro-benchmark is asked, and answers. */
export interface DispatchTask {
  readonly messages: number | undefined;
  readonly seconds: number;
}

export interface DispatchResult {
  readonly messages: number;
  readonly cpuMicroseconds: number;
}

/** Answers the benchmark by feeding the sockets, on which an echo listens. */
export function fed(sockets: readonly StandIn[]): void {
  const inFlight = Number(process.argv[2]);
  const frame = clientFrame(Buffer.from(textOf(PAYLOAD_BYTES)));
  const chunk = Buffer.concat(Array.from({ length: inFlight }, () => frame));
  answer({
    run: async ({ messages, seconds }: DispatchTask): Promise<DispatchResult> => {
      const answeredBefore = answeredBy(sockets);
      const before = usage();
      // Not by `usage`, which asks the kernel: that would be a part of the figure.
      const deadline = performance.now() + seconds * 1000;
      let fedMessages = 0;
      while (messages === undefined ? performance.now() < deadline : fedMessages < messages) {
        await feedAll(sockets, chunk);
        fedMessages += sockets.length * inFlight;
      }
      const cpuMicroseconds = usage().cpuMicroseconds - before.cpuMicroseconds;
      const answered = answeredBy(sockets) - answeredBefore;
      const wanted = fedMessages * ANSWER_BYTES;
      if (answered !== wanted) throw new Error(`${answered} bytes were answered, and not ${wanted}`);
      return { messages: fedMessages, cpuMicroseconds };
    },
  });
  process.send?.({ id: 0 } satisfies Answer);
}

/** In bytes. */
function answeredBy(sockets: readonly StandIn[]): number {
  return sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
}

/** One read on each socket. What a read leaves for the end of its tick is done before the next one, as in Node. */
function feedAll(sockets: readonly StandIn[], chunk: Buffer): Promise<void> {
  return new Promise((resolve) => {
    let index = 0;
    const feedNext = (): void => {
      const socket = sockets[index];
      if (socket === undefined) {
        setImmediate(resolve);
        return;
      }
      index += 1;
      // Servers keep what they are given a view of, so each read has bytes of its own, as in Node.
      socket.emit("data", Buffer.from(chunk));
      process.nextTick(feedNext);
    };
    feedNext();
  });
}
