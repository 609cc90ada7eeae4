import type { DispatchResult, DispatchTask } from "../dispatch/feeding";
import { Child } from "../processes/child";
import { CPU_PER_MESSAGE, type Scenario } from "./scenario";

/** Echo of 128 bytes over sockets that are none: what a message costs above the kernel and Node's sockets. */
export const dispatch: readonly Scenario[] = [1, 16].map((inFlight) => ({
  name: `dispatch-${inFlight}`,
  title: `Dispatch without the kernel, ${inFlight === 1 ? "one message" : `${inFlight} messages`} in a read`,
  metrics: [CPU_PER_MESSAGE],
  baseline: "ws",
  peers: ["vernal", "ws"],
  measure: async (peer, { seconds, messages, warmUpSeconds, pin }) => {
    const child = new Child(`dispatch/${peer.module}`, {
      args: [String(inFlight)],
      core: pin ? 0 : undefined,
    });
    try {
      await child.ready;
      const run = (task: DispatchTask): Promise<DispatchResult> => child.ask("run", task);
      await run({ seconds: warmUpSeconds, messages: undefined });
      const result = await run({ seconds, messages });
      return { figures: { cpu: result.cpuMicroseconds / result.messages }, messages: result.messages };
    } finally {
      await child.end();
    }
  },
}));
