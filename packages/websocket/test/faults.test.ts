import { TextWebSocketHandler, WebSocketHandler, WebSocketSessions } from "../src/index";
import type { TextMessage, WebSocketSession } from "../src/index";
import { closeApplications, recordingLogger, startApplication } from "./harness/application";
import { connectClient } from "./harness/client";
import { die } from "./harness/faults/doomed-client";
import { DOOMED, madeHandlers, undisposed, watch } from "./harness/faults/handlers";
import { planOf } from "./harness/faults/plan";
import { LostErrors, unplannedLines } from "./harness/faults/lost-errors";
import { openRaw, upgradeRequest } from "./harness/raw-connection";
import { openResources, untilFreed } from "./harness/resources";
import { until } from "./harness/until";

/** `FAULTS_SEED=7` takes other plans, `FAULTS_CONNECTION=42` only the one of that number. */
const SEED = Number(process.env["FAULTS_SEED"] ?? 20_261_122);
const ONLY = process.env["FAULTS_CONNECTION"];
const CONNECTIONS = 3000;
const AT_ONCE = 40;
/** More than are needed: one is given back a little later than its client notices the end. */
const SEATS = 2 * AT_ONCE;

@WebSocketHandler("/bystander")
class Bystander extends TextWebSocketHandler {
  override handleTextMessage(session: WebSocketSession, message: TextMessage): void {
    void session.sendMessage(message.payload);
  }
}

afterEach(closeApplications);

it(`${CONNECTIONS} connections, cut at any moment in any way, all come to their end`, async () => {
  const lost = new LostErrors();
  const lives = watch();
  const { logger, lines } = recordingLogger("warn");
  const application = await startApplication({
    components: [...DOOMED, Bystander],
    maxConnections: SEATS,
    logger,
  });
  const sessions = application.get(WebSocketSessions);
  const bystander = await connectClient(`${application.url}/bystander`);
  const before = openResources();

  const all = Array.from({ length: CONNECTIONS }, (_, number) => number);
  const waiting = (ONLY === undefined ? all : [Number(ONLY)]).values();
  let mostPaused = 0;
  const work = async (): Promise<void> => {
    for (const number of waiting) {
      await die(application.port, lives.begin(planOf(SEED, number)));
      mostPaused = Math.max(mostPaused, application.stats().pausedSessions);
      if (number % 50 > 0) continue;
      bystander.send(`after ${number}`);
      await bystander.next();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await lives.settle();
  expect(lives.violations()).toEqual([]);
  expect(lives.undelivered()).toEqual([]);
  expect(undisposed()).toBe(0);
  await untilFreed(before);

  // All seats are free again, and no more.
  const url = `${application.url}/bystander`;
  const others = await Promise.all(Array.from({ length: SEATS - 1 }, () => connectClient(url)));
  const oneTooMany = await openRaw(application.port);
  oneTooMany.write(upgradeRequest("/bystander"));
  expect((await oneTooMany.answer()).status).toBe(503);
  await Promise.all([bystander, ...others].map((client) => client.close()));
  // Of the index, which nothing else shows.
  const index = sessions as unknown as { readonly entries: number };
  await until("the last session to end", () => index.entries === 0);
  const stats = application.stats();
  const opened = lives.opened + SEATS;
  const closed = Object.values(stats.closesByCode).reduce((sum, count) => sum + count, 0);
  expect(stats).toMatchObject({ openSessions: 0, pausedSessions: 0, openedSessions: opened });
  expect(closed).toBe(opened);
  expect(sessions.size).toBe(0);
  expect(unplannedLines(lines)).toEqual([]);
  expect(lost.end()).toEqual([]);
  if (ONLY !== undefined) return;
  expect(bystander.received).toHaveLength(CONNECTIONS / 50);
  // All of it has really happened.
  const { closesByCode, refusalsByStatus, limits } = stats;
  expect(Object.keys(closesByCode)).toEqual(
    expect.arrayContaining(["1000", "1001", "1002", "1005", "1006", "1009", "1011", "4000", "4001", "4500"]),
  );
  expect(Object.keys(refusalsByStatus)).toEqual(["401", "429", "500", "503"]);
  expect(refusalsByStatus[503]).toBe(1);
  // Seats of users that did not come back would refuse nearly all of their sessions, some hundreds.
  expect(refusalsByStatus[429]).toBeLessThan(CONNECTIONS / 10);
  expect(limits["sendBufferLimitBytes"]).toBeGreaterThan(10);
  expect(mostPaused).toBeGreaterThan(0);
  expect(madeHandlers()).toBeGreaterThan(CONNECTIONS / 10);
}, 30_000);
