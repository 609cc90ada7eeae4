/** What one process asks another, over the channel that Node gives a forked child. */
export interface Question {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** What a process has used since it started, and when it said so, by its own clock. */
export interface Usage {
  readonly cpuMicroseconds: number;
  readonly atMicroseconds: number;
}

export interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
}

/** From a server, once it listens. */
export interface Listening {
  readonly port: number;
  readonly usage: Usage;
}
