import { nextTick as nextTickOfNode } from "node:process";
import * as timers from "node:timers";

// Looked up once, at load: `process` is slow to ask, and steps of the engine are no clocks. Fake timers, with which a test
// turns the clocks of an application, must stop neither its messages nor its end.
export const nextTick = nextTickOfNode;
export const { setImmediate } = timers;
export const { queueMicrotask } = globalThis;
