import type { HandshakeAnswer, HandshakeHandler } from "@vernal/websocket";
import { atMost } from "./at-most";
import { askWithin } from "./contract";
import {
  calledInVain,
  letInWrongly,
  listsChanged,
  mixedUp,
  notAnswered,
  notLetIn,
  pickedUnoffered,
  repeated,
  serverErrorFor,
  wrongStatus,
  wrongUser,
  type FindingCase,
} from "./contract-errors";
import {
  credentialsOf,
  malformedLike,
  malformedRequests,
  UNKNOWN_PROTOCOL,
  withoutCredentials,
  type ContractRequest,
} from "./contract-request";
import { invalidTestArgument } from "./errors";
import {
  answerInTime,
  codeOf,
  hasTimedOut,
  lastProblemOf,
  outcomeText,
  targetOf,
  type HandshakeOutcome,
} from "./handshake-contract-answer";
import type { AcceptedRequest, RefusedRequest } from "./handshake-handler-subject";
import type { TestApplication } from "./test-application";

/** What one case works with. */
export interface HandshakeBench {
  readonly of: FindingCase;
  readonly handler: HandshakeHandler;
  readonly application: TestApplication;
  /** What requests ask for that name no path. */
  readonly path: string;
  readonly supported: readonly string[];
  readonly singleUser: boolean;
  readonly timeoutMs: number;
  /** Anew with each call. */
  readonly accepted: () => Promise<readonly AcceptedRequest[]>;
  readonly refused: () => Promise<readonly RefusedRequest[]>;
}

/** How many handshakes a handler has to answer at the same time. */
const MOST_AT_ONCE = 8;
/** What is shorter may stand in any text. */
const SHORTEST_SECRET = 8;
const SECRET = "vernal-contract-secret";
const WITHOUT_CREDENTIALS = "a handshake without any credentials";

export async function letsInAccepted(bench: HandshakeBench): Promise<void> {
  const { application, of, path, timeoutMs } = bench;
  for (const [index, { request, user }] of (await bench.accepted()).entries()) {
    const { query: _query, path: _path, ...options } = request;
    // As a client does it, which leaves where none of its sub-protocols is taken.
    const client = await application.connect(targetOf(path, request), options).catch((error: unknown) => {
      if (hasTimedOut(error)) throw notAnswered(of, `accepted[${index}]`, timeoutMs, error);
      // What no client can send, the handler has never seen.
      if (codeOf(error) === "VERNAL_TEST_INVALID_ARGUMENT") throw error;
      const { answer } = error as { readonly answer?: HandshakeAnswer };
      throw notLetIn(of, index, answer?.status, lastProblemOf(application), error);
    });
    const name = application.sessionOf(client).principal?.name;
    if (name !== user) throw wrongUser(of, index, name, user);
  }
}

export async function refusesRefused(bench: HandshakeBench): Promise<void> {
  for (const [index, { request, status }] of (await bench.refused()).entries()) {
    const outcome = await answer(bench, request, `refused[${index}]`);
    if (outcome.status === status) continue;
    throw wrongStatus(bench.of, index, outcome.status, status, lastProblemOf(bench.application));
  }
}

export async function keepsApart(bench: HandshakeBench): Promise<void> {
  const users = new Set((await bench.accepted()).map(({ user }) => user));
  if (users.size === 0 || (users.size === 1 && !bench.singleUser)) {
    throw invalidTestArgument(
      "accepted of handshakeHandlerContract",
      [...users][0] ?? "nobody in particular",
      "handshakes of two users, so that it shows when they are mixed up, or say singleUser: true",
    );
  }
  // Anew for each round: some credentials are good for one handshake.
  const alone: string[] = [];
  for (const [what, request] of await listed(bench))
    alone.push(outcomeText(await answer(bench, request, what)));
  const together = await Promise.all(
    (await listed(bench)).map(async ([what, request]) => {
      return [what, outcomeText(await answer(bench, request, what))] as const;
    }),
  );
  for (const [index, [what, outcome]] of together.entries()) {
    if (outcome !== alone[index]) throw mixedUp(bench.of, what, alone[index] ?? "nothing", outcome);
  }
}

export async function answersBare(bench: HandshakeBench): Promise<void> {
  await expectNoServerError(bench, {}, WITHOUT_CREDENTIALS);
}

export async function answersMalformed(bench: HandshakeBench): Promise<void> {
  const { accepted, supported } = bench;
  const like = (await accepted()).flatMap(({ request }) => malformedLike(request, supported));
  await atMost(MOST_AT_ONCE, [...malformedRequests(supported), ...like], (request) =>
    expectNoServerError(bench, request, show(request)),
  );
}

export async function letsInNobodyByMalformed(bench: HandshakeBench): Promise<void> {
  const { supported } = bench;
  const accepted = await bench.accepted();
  const users = new Set(accepted.map(({ user }) => user));
  const expectNobody = async (
    requests: readonly ContractRequest[],
    without: ContractRequest,
    isAnyNameWrong: boolean,
  ): Promise<void> => {
    const bare = await answer(bench, without, WITHOUT_CREDENTIALS);
    const again = await answer(bench, without, WITHOUT_CREDENTIALS);
    // Guests get a name of their own each time.
    const letsInGuests = bare.status === 101 && bare.user !== again.user;
    await atMost(MOST_AT_ONCE, requests, async (request) => {
      const outcome = await answer(bench, request, show(request));
      if (outcome.status !== 101 || isSame(outcome, bare)) return;
      const { user } = outcome;
      if (!users.has(user) && (letsInGuests || !(isAnyNameWrong || user === undefined))) return;
      throw letInWrongly(bench.of, show(request), outcomeText(outcome), outcomeText(bare));
    });
  };
  await expectNobody(malformedRequests(supported), { subProtocols: supported }, true);
  for (const { request, user } of accepted) {
    // Who lets in nobody in particular has asked for no credentials.
    if (user === undefined) continue;
    // Another name than those can be one that the request says itself, as behind a proxy that knows the user.
    await expectNobody(malformedLike(request, supported), withoutCredentials(request, supported), false);
  }
}

export async function echoesNothing(bench: HandshakeBench): Promise<void> {
  const { of, supported } = bench;
  const requests: readonly ContractRequest[] = [
    { headers: { Authorization: `Bearer ${SECRET}` } },
    { headers: { Authorization: `Basic ${Buffer.from(`${SECRET}:${SECRET}`).toString("base64")}` } },
    { headers: { Cookie: `session=${SECRET}; token=${SECRET}` } },
    { query: `token=${SECRET}&ticket=${SECRET}` },
    { subProtocols: [...supported, `bearer.${SECRET}`] },
    ...(await bench.refused()).map(({ request }) => request),
  ];
  await atMost(MOST_AT_ONCE, requests, async (request) => {
    const { status, body, headers } = await answer(bench, request, show(request));
    if (status === 101) return;
    const written = `${body}\n${Object.values(headers).flat().join("\n")}`;
    const secrets = [SECRET, ...credentialsOf(request, supported)]
      .flatMap((text) => [text, encodeURIComponent(text)])
      .filter((text) => text.length >= SHORTEST_SECRET);
    if (secrets.some((text) => written.includes(text))) throw repeated(of, status, written);
  });
}

export async function picksOffered({ of, handler, supported, timeoutMs }: HandshakeBench): Promise<void> {
  for (const requested of offersOf(supported)) {
    const chosen = await askWithin(timeoutMs, of, "selectProtocol()", () =>
      handler.selectProtocol?.([...requested], [...supported]),
    ).catch((error: unknown) => {
      throw isFinding(error) ? error : calledInVain(of, `selectProtocol([${requested.join(", ")}])`, error);
    });
    if (chosen !== undefined && !requested.includes(chosen)) throw pickedUnoffered(of, requested, chosen);
  }
}

export async function leavesLists({ of, handler, supported, timeoutMs }: HandshakeBench): Promise<void> {
  for (const requested of offersOf(supported)) {
    const [offered, own] = [[...requested], [...supported]];
    await askWithin(timeoutMs, of, "selectProtocol()", () => handler.selectProtocol?.(offered, own)).catch(
      (error: unknown) => {
        // That it throws is for another case to find.
        if (isFinding(error)) throw error;
      },
    );
    if (offered.join() !== requested.join() || own.join() !== supported.join()) {
      throw listsChanged(of, requested, supported);
    }
  }
}

/** What is listed, each with its name. */
async function listed(bench: HandshakeBench): Promise<readonly (readonly [string, ContractRequest])[]> {
  const [accepted, refused] = [await bench.accepted(), await bench.refused()];
  return [
    ...accepted.map(({ request }, index) => [`accepted[${index}]`, request] as const),
    ...refused.map(({ request }, index) => [`refused[${index}]`, request] as const),
  ];
}

function isSame(one: HandshakeOutcome, other: HandshakeOutcome): boolean {
  return one.status === other.status && one.user === other.user;
}

function offersOf(supported: readonly string[]): readonly (readonly string[])[] {
  return [
    [],
    [UNKNOWN_PROTOCOL],
    [...supported],
    [...supported].reverse(),
    [UNKNOWN_PROTOCOL, ...supported],
    supported.slice(0, 1),
  ];
}

async function expectNoServerError(
  bench: HandshakeBench,
  request: ContractRequest,
  what: string,
): Promise<void> {
  const { status } = await answer(bench, request, what);
  if (status >= 500) throw serverErrorFor(bench.of, what, status, lastProblemOf(bench.application));
}

function answer(bench: HandshakeBench, request: ContractRequest, what: string): Promise<HandshakeOutcome> {
  return answerInTime(bench.application, bench.path, request, bench.of, what, bench.timeoutMs);
}

function isFinding(error: unknown): boolean {
  return codeOf(error) === "VERNAL_TEST_CONTRACT_BROKEN";
}

function show(request: ContractRequest): string {
  return JSON.stringify(request).slice(0, 100);
}
