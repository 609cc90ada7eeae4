import { until } from "./until";

/** How many sockets and timers keep the process alive, by kind. */
export type Resources = ReadonlyMap<string, number>;

export function openResources(): Resources {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (/^(TCPSocketWrap|TLSWrap|Timeout)$/.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** Waits until there are no more of any kind than before. */
export async function untilFreed(before: Resources): Promise<void> {
  await until("sockets and timers to be gone", () =>
    [...openResources()].every(([kind, count]) => count <= (before.get(kind) ?? 0)),
  );
}
