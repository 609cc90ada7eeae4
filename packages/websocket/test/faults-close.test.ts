import { createServer } from "node:http";
import { WebSocketSessions, type WebSocketApplication } from "../src/index";
import { closeApplications, recordingLogger, startApplication } from "./harness/application";
import { attach, closeHosts, listen } from "./harness/attached";
import { die } from "./harness/faults/doomed-client";
import { DOOMED, undisposed, watch } from "./harness/faults/handlers";
import { LostErrors, unplannedLines } from "./harness/faults/lost-errors";
import { planOf } from "./harness/faults/plan";
import { Random } from "./harness/faults/random";
import { openResources, untilFreed } from "./harness/resources";
import { turns } from "./harness/turns";
import { within } from "./harness/until";

/** `FAULTS_SEED=7` takes other plans. */
const SEED = Number(process.env["FAULTS_SEED"] ?? 20_261_122);
const ROUNDS = 30;
const CONNECTIONS = 40;
/** Of a server, those that somebody could listen to. */
const EVENTS = [
  "upgrade",
  "request",
  "connection",
  "close",
  "error",
  "listening",
  "checkContinue",
  "connect",
];

interface Host {
  readonly application: WebSocketApplication;
  readonly port: number;
  /** How many listeners the application has left behind. */
  readonly countLeftListeners: () => number;
}

/** In turns an application with a server of its own, and one on the server of a host. */
async function open(round: number, options: Parameters<typeof startApplication>[0]): Promise<Host> {
  if (round % 2 === 0) {
    const application = await startApplication(options);
    return { application, port: application.port, countLeftListeners: () => 0 };
  }
  const server = createServer((_, response) => void response.writeHead(404, { Connection: "close" }).end());
  const port = await listen(server);
  const count = (): number => EVENTS.reduce((sum, event) => sum + server.listenerCount(event), 0);
  const before = count();
  const application = await attach(server, options);
  return { application, port, countLeftListeners: () => count() - before };
}

afterEach(closeApplications);
afterEach(closeHosts);

it.each(Array.from({ length: ROUNDS }, (_, round) => round))(
  `an application that closes in the middle of ${CONNECTIONS} connections ends them all, round %i`,
  async (round) => {
    const before = openResources();
    const lost = new LostErrors();
    const lives = watch();
    const random = new Random(SEED, round);
    const { logger, lines } = recordingLogger("error");
    const { application, port, countLeftListeners } = await open(round, {
      components: DOOMED,
      drainTimeoutMs: random.pick([50, 300, 3000]),
      drainJitterMs: random.pick([0, 20]),
      drainBatchSize: random.pick([3, 100]),
      logger,
    });
    const clients = Array.from({ length: CONNECTIONS }, (_, index) => {
      const life = lives.begin(planOf(SEED, 100_000 + round * CONNECTIONS + index));
      // A handshake may be refused or cut, and a connection not come about.
      return die(port, life).catch((error: Error) => error.message);
    });
    await turns(random.below(80));
    await within("the close", application.close());

    expect(lives.unfinished()).toEqual([]);
    expect(countLeftListeners()).toBe(0);
    const sessions = application.get(WebSocketSessions);
    expect(sessions.size).toBe(0);
    // Of the index, which nothing else shows.
    expect((sessions as unknown as { readonly entries: number }).entries).toBe(0);
    const { closesByCode, ...stats } = application.stats();
    const closed = Object.values(closesByCode).reduce((sum, count) => sum + count, 0);
    expect(stats).toMatchObject({ openSessions: 0, pausedSessions: 0, openedSessions: closed });
    expect(lives.opened).toBe(closed);
    const failures = await Promise.all(clients);
    expect(failures.filter((failure) => failure?.startsWith("Waited in vain"))).toEqual([]);
    await lives.settle();
    expect(lives.violations()).toEqual([]);
    expect(undisposed()).toBe(0);
    expect(unplannedLines(lines)).toEqual([]);
    await closeHosts();
    await untilFreed(before);
    expect(lost.end()).toEqual([]);
  },
  15_000,
);
