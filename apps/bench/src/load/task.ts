import type { Target } from "./connection";
import type { Content } from "./dialect";

/** What the load does to a server. */
export interface Task extends Target {
  /**
   * - `echo`: every connection talks for itself
   * - `broadcast`: one talks, and everybody hears it
   * - `visits`: connections come and go
   * - `silence`: connections stay, and say nothing
   */
  readonly kind: "echo" | "broadcast" | "visits" | "silence";
  readonly connections: number;
  /** Messages that a connection writes at once. */
  readonly inFlight: number;
  readonly content: Content;
}

/** What it has done, and used. */
export interface LoadMark {
  readonly messages: number;
  readonly compressed: number;
  readonly usage: { readonly cpuMicroseconds: number; readonly atMicroseconds: number };
}
