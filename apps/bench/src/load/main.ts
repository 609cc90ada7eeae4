import { answer, usage } from "../processes/answering";
import type { Answer } from "../processes/questions";
import { Load } from "./load";
import type { LoadMark, Task } from "./task";

// A process of its own, so that what the load costs is not counted as the server's.
const load = new Load(JSON.parse(process.argv[2]!) as Task);

answer({
  open: (count?: number) => load.open(count),
  start: () => load.start(),
  count: (messages: number) => load.count(messages),
  mark: (): LoadMark => ({ ...load.counts, usage: usage() }),
});
process.send?.({ id: 0 } satisfies Answer);
