import {
  Configuration,
  EnableWebSocket,
  type HandshakeHandler,
  type WebSocketConfigurer,
  type WebSocketHandlerRegistry,
} from "@vernal/websocket";
import { askWithin, checkAndGiveBack, makeWithin, type ContractCase } from "./contract";
import type { FindingCase } from "./contract-errors";
import { TellingHandler } from "./handshake-contract-answer";
import {
  answersBare,
  answersMalformed,
  echoesNothing,
  keepsApart,
  leavesLists,
  letsInAccepted,
  letsInNobodyByMalformed,
  picksOffered,
  refusesRefused,
  type HandshakeBench,
} from "./handshake-contract-checks";
import type { HandshakeHandlerSubject } from "./handshake-handler-subject";
import { startInMemoryApplication } from "./start-in-memory-application";
import { DEFAULT_TIMEOUT_MS, limitOf } from "./wait-options";

/** The longest that an application waits for a handshake. */
const LONGEST_HANDSHAKE_MS = 3_600_000;

type Check = (bench: HandshakeBench) => Promise<void>;

/**
 * What `HandshakeHandler` asks of those who implement it, as cases for `registerContract` or a loop of your own. Each
 * runs a handler of its own in a real application without a port. Handshakes with malformed credentials come up to eight at
 * the same time, those that are listed once one by one and once all together.
 *
 * ```ts
 * registerContract("TokenLogin", handshakeHandlerContract({
 *   create: () => new TokenLogin(tokens),
 *   accepted: () => ["ada", "grace"].map((user) => (
 *     { request: { headers: { Authorization: `Bearer ${tokens.issue(user)}` } }, user }
 *   )),
 *   refused: () => [{ request: {}, status: 401 }],
 * }));
 * ```
 *
 * @throws VernalError `VERNAL_TEST_INVALID_ARGUMENT` for a `timeoutMs` that is no time.
 */
export function handshakeHandlerContract(subject: HandshakeHandlerSubject): readonly ContractCase[] {
  const timeoutMs = limitOf(subject, DEFAULT_TIMEOUT_MS, "handshakeHandlerContract()");
  const contractCase = (name: string, check: Check): ContractCase => ({
    name,
    run: () => runCase(subject, timeoutMs, name, check),
  });
  // A case that has nothing to look at would say that all is well.
  const aboutAccepted = [
    contractCase("lets in whom it has to let in, as the right user", letsInAccepted),
    contractCase("does not mix up handshakes that come at the same time", keepsApart),
  ];
  const aboutRefused = [contractCase("refuses whom it has to refuse, with the right status", refusesRefused)];
  return [
    ...(subject.accepted === undefined ? [] : aboutAccepted),
    ...(subject.refused === undefined ? [] : aboutRefused),
    contractCase("answers a handshake without any credentials", answersBare),
    contractCase("answers malformed credentials, and not with an error of the server", answersMalformed),
    contractCase("lets in nobody by malformed credentials", letsInNobodyByMalformed),
    contractCase("repeats in a refusal nothing of what the client has sent", echoesNothing),
    contractCase("picks a sub-protocol of those that the client offers, or none", picksOffered),
    contractCase("leaves the lists of sub-protocols as they are", leavesLists),
  ];
}

async function runCase(
  subject: HandshakeHandlerSubject,
  timeoutMs: number,
  name: string,
  check: Check,
): Promise<void> {
  const { path = "/ws", subProtocols: supported = [] } = subject;
  const of: FindingCase = { contract: "HandshakeHandler", name };
  const giveBack = (made: HandshakeHandler): Promise<void> =>
    askWithin(timeoutMs, of, "dispose()", () => subject.dispose?.(made));
  const handler = await makeWithin(timeoutMs, of, () => subject.create(), giveBack);
  const run = async (): Promise<void> => {
    await using application = await startInMemoryApplication({
      components: [configurerFor(handler, path, supported)],
      timeoutMs,
      // The limit here is the one of the case, which says whose it is.
      handshakeTimeoutMs: Math.min(Math.ceil(2 * timeoutMs) + 1000, LONGEST_HANDSHAKE_MS),
    });
    await check({
      of,
      handler,
      application,
      path: path.replace(/\{(\w+)\}/g, "$1"),
      supported,
      singleUser: subject.singleUser ?? false,
      timeoutMs,
      accepted: async () =>
        await askWithin(timeoutMs, of, "accepted()", () => subject.accepted?.(handler) ?? []),
      refused: async () =>
        await askWithin(timeoutMs, of, "refused()", () => subject.refused?.(handler) ?? []),
    });
  };
  await checkAndGiveBack(run, () => giveBack(handler));
}

function configurerFor(
  handler: HandshakeHandler,
  path: string,
  subProtocols: readonly string[],
): new () => WebSocketConfigurer {
  @Configuration()
  @EnableWebSocket()
  class ContractConfiguration implements WebSocketConfigurer {
    registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
      // What an origin is worth is for the handler to say here; the check of the framework would refuse before it.
      registry
        .addHandler(new TellingHandler(), path)
        .setAllowedOrigins("*")
        .setHandshakeHandler(handler)
        .setOptions({ subProtocols });
    }
  }
  return ContractConfiguration;
}
