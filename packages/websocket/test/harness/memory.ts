import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { until } from "./until";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** The bytes that live objects hold, buffers included. */
export function liveBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Waits until live objects hold no more than that; buffers are freed some time after they were collected. */
export async function untilGivenBack(bytes: number): Promise<void> {
  await until("the memory to be given back", () => liveBytes() <= bytes);
}
