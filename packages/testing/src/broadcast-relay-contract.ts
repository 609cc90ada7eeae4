import { broadcastsArriveOnce, closesArrive } from "./broadcast-relay-applications";
import { RelayBench } from "./broadcast-relay-bench";
import {
  carriesActions,
  carriesTargets,
  keepsOrder,
  leavesEnvelope,
  publishesAlone,
  reachesAll,
  stopsAtDispose,
} from "./broadcast-relay-checks";
import type { BroadcastRelaySubject } from "./broadcast-relay-subject";
import { checkAndGiveBack, type ContractCase } from "./contract";
import { DEFAULT_TIMEOUT_MS, limitOf } from "./wait-options";

/**
 * What `BroadcastRelay` asks of those who extend it, as cases for `registerContract` or a loop of your own: every envelope
 * reaches every other application, whole, once and in order. Cases, and whole runs, can share one broker at the same time.
 *
 * ```ts
 * registerContract("RedisRelay", broadcastRelayContract({ create: () => new RedisRelay(url) }));
 * ```
 *
 * @throws VernalError `VERNAL_TEST_INVALID_ARGUMENT` for a `timeoutMs` that is no time.
 */
export function broadcastRelayContract(subject: BroadcastRelaySubject): readonly ContractCase[] {
  const timeoutMs = limitOf(subject, DEFAULT_TIMEOUT_MS, "broadcastRelayContract()");
  const contractCase = (name: string, check: (bench: RelayBench) => Promise<void>): ContractCase => ({
    name,
    run: async () => {
      const bench = new RelayBench({ contract: "BroadcastRelay", name }, { ...subject, timeoutMs });
      await checkAndGiveBack(
        () => check(bench),
        () => bench.giveBack(),
      );
    },
  });
  return [
    contractCase("carries every target and the excepted sessions as they are", carriesTargets),
    contractCase("carries every action as it is, bytes byte for byte", carriesActions),
    contractCase("keeps the order in which one application publishes", keepsOrder),
    contractCase("reaches every other application once", reachesAll),
    contractCase("leaves the envelope that it is given as it is", leavesEnvelope),
    contractCase("takes an envelope also where nobody else listens", publishesAlone),
    contractCase("delivers nothing after its dispose, and goes on for the others", stopsAtDispose),
    contractCase("carries broadcasts between applications, to each session once", broadcastsArriveOnce),
    contractCase("carries closes between applications", closesArrive),
  ];
}
