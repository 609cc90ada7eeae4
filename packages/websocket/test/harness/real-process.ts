import { runInThisContext } from "node:vm";

/** Node's own `process`. What jest gives to tests is a copy, on which no event is ever emitted. */
export const realProcess = runInThisContext("process") as NodeJS.Process;
