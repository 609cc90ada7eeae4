import {
  Configuration,
  EnableWebSocket,
  TextWebSocketHandler,
  type HandshakeAnswer,
  type HandshakeHandler,
  type WebSocketConfigurer,
  type WebSocketHandlerRegistry,
} from "@vernal/websocket";
import type { ContractCase } from "./contract";
import {
  answerTo,
  lastProblemOf,
  MALFORMED_REQUESTS,
  userOf,
  type ContractRequest,
} from "./contract-request";
import { contractBroken } from "./errors";
import { startInMemoryApplication } from "./start-in-memory-application";
import type { TestApplication } from "./test-application";

/** A handshake that is let in. */
export interface AcceptedRequest {
  /** What the client sends. */
  readonly request: ContractRequest;
  /** The `name` of the principal; `undefined` for nobody in particular. */
  readonly user: string | undefined;
}

/** A handshake that is refused. */
export interface RefusedRequest {
  /** What the client sends. */
  readonly request: ContractRequest;
  /** The status of the answer, such as 401. */
  readonly status: number;
}

/** What `handshakeHandlerContract` is to look at. */
export interface HandshakeHandlerSubject {
  /** Makes a handler for one case; a promise is awaited. */
  readonly create: () => HandshakeHandler | Promise<HandshakeHandler>;
  /** Gives back what a case had made. Default: nothing. */
  readonly dispose?: (handler: HandshakeHandler) => void | Promise<void>;
  /** The sub-protocols of the WebSocket handler behind it. Default: none. */
  readonly subProtocols?: readonly string[];
  /**
   * Handshakes that it lets in, each anew where it can be used once only. Called for each case with the handler of that
   * case. Default: none, and then it is not known whether it lets in anybody.
   */
  readonly accepted?: (
    handler: HandshakeHandler,
  ) => readonly AcceptedRequest[] | Promise<readonly AcceptedRequest[]>;
  /** Handshakes that it refuses, in the same way. Default: none. */
  readonly refused?: (
    handler: HandshakeHandler,
  ) => readonly RefusedRequest[] | Promise<readonly RefusedRequest[]>;
}

const CONTRACT = "HandshakeHandler";
const UNKNOWN = "vernal-contract-unknown";
type Check = (found: Found) => Promise<void>;

/** What one case works with. */
interface Found {
  readonly handler: HandshakeHandler;
  readonly application: TestApplication;
  readonly accepted: readonly AcceptedRequest[];
  readonly refused: readonly RefusedRequest[];
  readonly supported: readonly string[];
  readonly fail: (found: string, cause?: unknown) => Error;
}

/**
 * What `HandshakeHandler` asks of those who implement it, as cases for `registerContract` or a loop of your own. Each
 * runs a handler of its own in a real application without a port.
 *
 * ```ts
 * registerContract("TokenLogin", handshakeHandlerContract({
 *   create: () => new TokenLogin(tokens),
 *   accepted: () => [{ request: { headers: { Authorization: `Bearer ${tokens.issue("ada")}` } }, user: "ada" }],
 *   refused: () => [{ request: {}, status: 401 }],
 * }));
 * ```
 */
export function handshakeHandlerContract(subject: HandshakeHandlerSubject): readonly ContractCase[] {
  const contractCase = (name: string, check: Check): ContractCase => ({
    name,
    run: () => runCase(subject, name, check),
  });
  return [
    contractCase("lets in whom it has to let in, as the right user", acceptsAccepted),
    contractCase("refuses whom it has to refuse, with the right status", refusesRefused),
    contractCase("does not mix up handshakes that come at the same time", keepsApart),
    contractCase("answers a handshake without any credentials", answersBare),
    contractCase("answers malformed credentials, and not with an error of the server", answersMalformed),
    contractCase("repeats in a refusal nothing of what the client has sent", echoesNothing),
    contractCase("picks a sub-protocol of those that the client offers, or none", picksOffered),
    contractCase("leaves the lists of sub-protocols as they are", leavesLists),
  ];
}

async function runCase(subject: HandshakeHandlerSubject, name: string, check: Check): Promise<void> {
  const handler = await subject.create();
  const { subProtocols: supported = [] } = subject;
  try {
    await using application = await startInMemoryApplication({
      components: [configurerFor(handler, supported)],
    });
    const accepted = (await subject.accepted?.(handler)) ?? [];
    const refused = (await subject.refused?.(handler)) ?? [];
    const fail = (found: string, cause?: unknown): Error => contractBroken(CONTRACT, name, found, cause);
    await check({ handler, application, accepted, refused, supported, fail });
  } finally {
    await subject.dispose?.(handler);
  }
}

function configurerFor(
  handler: HandshakeHandler,
  subProtocols: readonly string[],
): new () => WebSocketConfigurer {
  class Idle extends TextWebSocketHandler {}
  @Configuration()
  @EnableWebSocket()
  class ContractConfiguration implements WebSocketConfigurer {
    registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
      // What an origin is worth is for the handler to say here; the check of the framework would refuse before it.
      registry
        .addHandler(new Idle(), "/ws")
        .setAllowedOrigins("*")
        .setHandshakeHandler(handler)
        .setOptions({ subProtocols });
    }
  }
  return ContractConfiguration;
}

async function acceptsAccepted(found: Found): Promise<void> {
  for (const check of acceptances(found)) await check();
}

async function refusesRefused(found: Found): Promise<void> {
  for (const check of refusals(found)) await check();
}

async function keepsApart(found: Found): Promise<void> {
  await Promise.all([...acceptances(found), ...refusals(found)].map((check) => check()));
}

function acceptances({ application, accepted, fail }: Found): readonly (() => Promise<void>)[] {
  return accepted.map(({ request, user }, index) => async () => {
    const name = await userOf(application, request).catch((error: unknown) => {
      const { answer } = error as { readonly answer?: HandshakeAnswer };
      const what = answer === undefined ? "leads to no session" : `is refused with ${answer.status}`;
      throw fail(`accepted[${index}] ${what}${lastProblemOf(application)}`, error);
    });
    if (name !== user) throw fail(`accepted[${index}] has the user ${show(name)} and not ${show(user)}`);
  });
}

function refusals({ application, refused, fail }: Found): readonly (() => Promise<void>)[] {
  return refused.map(({ request, status }, index) => async () => {
    const answer = await statusOf(application, request);
    if (answer !== status) throw fail(`refused[${index}] is answered with ${answer} and not with ${status}`);
  });
}

async function answersBare({ application, fail }: Found): Promise<void> {
  await expectNoServerError(application, {}, "a handshake without any credentials", fail);
}

async function answersMalformed({ application, supported, fail }: Found): Promise<void> {
  for (const request of MALFORMED_REQUESTS) {
    await expectNoServerError(application, request, JSON.stringify(request).slice(0, 100), fail);
  }
  for (const offer of [[UNKNOWN], [`${UNKNOWN}.`, ...supported], ["bearer.", "token."]]) {
    await expectNoServerError(application, { subProtocols: offer }, `the offer ${offer.join(", ")}`, fail);
  }
}

async function echoesNothing({ application, refused, fail }: Found): Promise<void> {
  const secret = "vernal-contract-secret";
  const requests: readonly ContractRequest[] = [
    { headers: { Authorization: `Bearer ${secret}`, Cookie: `token=${secret}` }, query: `token=${secret}` },
    ...refused.map(({ request }) => request),
  ];
  for (const request of requests) {
    const answer = await answerTo(application, request);
    if (answer.status === 101) continue;
    const { headers = {}, query = "", subProtocols = [] } = request;
    const said = [...Object.values(headers), ...subProtocols, query, secret]
      .flatMap((text) => text.split(/[ =;&,]+/))
      .filter((text) => text.length >= 8);
    const written = `${answer.body}\n${Object.values(answer.headers).flat().join("\n")}`;
    if (said.some((text) => written.includes(text))) {
      throw fail(`the answer ${answer.status} holds what the client has sent: ${JSON.stringify(written)}`);
    }
  }
}

async function picksOffered({ handler, supported, fail }: Found): Promise<void> {
  for (const requested of offersOf(supported)) {
    let chosen: string | undefined;
    try {
      chosen = await handler.selectProtocol?.(requested, supported);
    } catch (error) {
      throw fail(`of [${requested.join(", ")}] it threw`, error);
    }
    if (chosen !== undefined && !requested.includes(chosen)) {
      throw fail(`of [${requested.join(", ")}] it picked ${JSON.stringify(chosen)}`);
    }
  }
}

async function leavesLists({ handler, supported, fail }: Found): Promise<void> {
  for (const requested of offersOf(supported)) {
    const [offered, own] = [[...requested], [...supported]];
    await handler.selectProtocol?.(offered, own);
    if (offered.join() !== requested.join() || own.join() !== supported.join()) {
      throw fail(`selectProtocol changed [${requested.join(", ")}] or [${supported.join(", ")}]`);
    }
  }
}

function offersOf(supported: readonly string[]): readonly (readonly string[])[] {
  return [
    [],
    [UNKNOWN],
    [...supported],
    [...supported].reverse(),
    [UNKNOWN, ...supported],
    supported.slice(0, 1),
  ];
}

async function expectNoServerError(
  application: TestApplication,
  request: ContractRequest,
  what: string,
  fail: Found["fail"],
): Promise<void> {
  const status = await statusOf(application, request);
  if (status >= 500) throw fail(`${what} is answered with ${status}${lastProblemOf(application)}`);
}

/** 101, or the status of the refusal. */
async function statusOf(application: TestApplication, request: ContractRequest): Promise<number> {
  return (await answerTo(application, request)).status;
}

function show(user: string | undefined): string {
  return user === undefined ? "nobody" : JSON.stringify(user);
}
