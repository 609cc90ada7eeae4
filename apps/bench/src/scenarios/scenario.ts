import type { Peer } from "../peers/catalogue";

/** How long and how much. */
export interface Settings {
  /** Of a measured interval, unless `messages` ends it. */
  readonly seconds: number;
  readonly messages: number | undefined;
  /** At least; 0 for none. */
  readonly warmUpSeconds: number;
  /** A bound for every scenario, for short runs. */
  readonly maxConnections: number;
  /** Processes that are started for one figure of a start. */
  readonly starts: number;
  /** One core for the server and another one for the load. */
  readonly pin: boolean;
}

export interface Metric {
  readonly name: string;
  readonly title: string;
  readonly unit: "µs" | "ms" | "KiB";
}

/** What one peer showed in one round. */
export interface Measurement {
  /** By the name of the metric. */
  readonly figures: Readonly<Record<string, number>>;
  readonly connections?: number;
  readonly messages?: number;
  readonly seconds?: number;
  /** Of one core. Above 1: with the threads of zlib, or the collector's. */
  readonly serverBusy?: number;
  readonly loadBusy?: number;
  /** The part of the messages that came compressed, where that was asked for. */
  readonly compressedPart?: number;
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly metrics: readonly Metric[];
  /** The peer that the others are compared with. */
  readonly baseline: string;
  readonly peers: readonly string[];
  measure(peer: Peer, settings: Settings): Promise<Measurement>;
}

export const CPU_PER_MESSAGE: Metric = { name: "cpu", title: "server CPU per message", unit: "µs" };
