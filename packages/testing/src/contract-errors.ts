import { VernalError } from "@vernal/websocket";
import { reasonOf } from "./reason-of";

// What the contract suites find, continued from errors.ts.

/** The case that finds something. */
export interface FindingCase {
  readonly contract: "BroadcastRelay" | "HandshakeHandler";
  readonly name: string;
}

const broken = ({ contract, name }: FindingCase, found: string, cause?: unknown): VernalError =>
  new VernalError(
    "VERNAL_TEST_CONTRACT_BROKEN",
    `This ${contract} breaks the contract "${name}": ${found}. ` +
      `What is asked stands as a list in the comment of ${contract} in @vernal/websocket.`,
    cause === undefined ? {} : { cause },
  );

/**
 * What a contract suite has called does not come to an end.
 *
 * @example neverSettles({ contract: "BroadcastRelay", name: "takes an envelope also where nobody else listens" }, "publish()", 2000)
 */
export function neverSettles(of: FindingCase, call: string, waitedMs: number): VernalError {
  return broken(of, `${call} has not settled within ${waitedMs} ms`);
}

/**
 * What a contract suite has called threw or rejected where it may not.
 *
 * @example calledInVain({ contract: "BroadcastRelay", name: "takes an envelope also where nobody else listens" }, "publish()", new Error("no subscribers"))
 */
export function calledInVain(of: FindingCase, call: string, cause: unknown): VernalError {
  return broken(of, `${call} threw: ${reasonOf(cause)}`, cause);
}

/**
 * A handshake that its author lists among `accepted` opens no session.
 *
 * @param status that of the refusal; `undefined` where there is none, because the client has left.
 * @param log what the application has logged last, or nothing.
 * @example notLetIn({ contract: "HandshakeHandler", name: "lets in whom it has to let in, as the right user" }, 0, 401, "")
 * @example notLetIn({ contract: "HandshakeHandler", name: "lets in whom it has to let in, as the right user" }, 1, undefined, "")
 */
export function notLetIn(
  of: FindingCase,
  index: number,
  status: number | undefined,
  log: string,
  cause?: unknown,
): VernalError {
  const what = status === undefined ? "leads to no session" : `is refused with ${status}`;
  return broken(of, `accepted[${index}] ${what}${afterLog(log)}`, cause);
}

/**
 * A handshake that its author lists among `accepted` is let in as somebody else.
 *
 * @example wrongUser({ contract: "HandshakeHandler", name: "lets in whom it has to let in, as the right user" }, 0, undefined, "ada")
 */
export function wrongUser(
  of: FindingCase,
  index: number,
  found: string | undefined,
  expected: string | undefined,
): VernalError {
  return broken(of, `accepted[${index}] has the user ${userText(found)} and not ${userText(expected)}`);
}

/**
 * A handshake that its author lists among `refused` is answered otherwise.
 *
 * @example wrongStatus({ contract: "HandshakeHandler", name: "refuses whom it has to refuse, with the right status" }, 0, 101, 401, "")
 */
export function wrongStatus(
  of: FindingCase,
  index: number,
  found: number,
  expected: number,
  log: string,
): VernalError {
  return broken(of, `refused[${index}] is answered with ${found} and not with ${expected}${afterLog(log)}`);
}

/**
 * A handshake is answered otherwise when others come at the same time.
 *
 * @example mixedUp({ contract: "HandshakeHandler", name: "does not mix up handshakes that come at the same time" }, "accepted[0]", "101 as \"ada\"", "101 as \"grace\"")
 */
export function mixedUp(of: FindingCase, what: string, alone: string, together: string): VernalError {
  return broken(
    of,
    `${what} is answered with ${alone} when it comes alone, and with ${together} among others ` +
      `(where a credential is good for one handshake, each call has to list a new one)`,
  );
}

/**
 * A handshake has got no answer.
 *
 * @param waitedMs `undefined` where the connection has ended.
 * @example notAnswered({ contract: "HandshakeHandler", name: "answers a handshake without any credentials" }, "a handshake without any credentials", 2000)
 * @example notAnswered({ contract: "HandshakeHandler", name: "answers a handshake without any credentials" }, "a handshake without any credentials", undefined)
 */
export function notAnswered(
  of: FindingCase,
  what: string,
  waitedMs: number | undefined,
  cause?: unknown,
): VernalError {
  const how = waitedMs === undefined ? ", its connection ends" : ` within ${waitedMs} ms`;
  return broken(of, `${what} is not answered${how}`, cause);
}

/**
 * A handshake is answered with an error of the server, because the handler threw.
 *
 * @example serverErrorFor({ contract: "HandshakeHandler", name: "answers a handshake without any credentials" }, "a handshake without any credentials", 500, "no header")
 */
export function serverErrorFor(of: FindingCase, what: string, status: number, log: string): VernalError {
  return broken(of, `${what} is answered with ${status}${afterLog(log)}`);
}

/**
 * Credentials that are none get somebody in who would not get in without any, or as somebody else.
 *
 * @param without how the same handshake is answered without credentials.
 * @example letInWrongly({ contract: "HandshakeHandler", name: "lets in nobody by malformed credentials" }, '{"headers":{"Authorization":"Bearer"}}', '101 as "ada"', "401")
 */
export function letInWrongly(of: FindingCase, what: string, found: string, without: string): VernalError {
  return broken(of, `${what} is answered with ${found}, and with ${without} without credentials`);
}

/**
 * A refusal holds what the client has sent, which may be a secret.
 *
 * @example repeated({ contract: "HandshakeHandler", name: "repeats in a refusal nothing of what the client has sent" }, 401, "Unknown: Bearer of-ada")
 */
export function repeated(of: FindingCase, status: number, answer: string): VernalError {
  return broken(of, `the answer ${status} holds what the client has sent: ${JSON.stringify(answer)}`);
}

/**
 * `selectProtocol` picked what the client did not offer.
 *
 * @example pickedUnoffered({ contract: "HandshakeHandler", name: "picks a sub-protocol of those that the client offers, or none" }, ["v2"], "v1")
 */
export function pickedUnoffered(of: FindingCase, requested: readonly string[], chosen: unknown): VernalError {
  return broken(of, `of ${listText(requested)} selectProtocol picked ${JSON.stringify(chosen)}`);
}

/**
 * `selectProtocol` changed a list that it was given.
 *
 * @example listsChanged({ contract: "HandshakeHandler", name: "leaves the lists of sub-protocols as they are" }, ["v2", "v1"], ["v1", "v2"])
 */
export function listsChanged(
  of: FindingCase,
  requested: readonly string[],
  supported: readonly string[],
): VernalError {
  return broken(of, `selectProtocol changed ${listText(requested)} or ${listText(supported)}`);
}

/**
 * A relay has not delivered what another one of its case has published.
 *
 * @param others how many envelopes with another node it has delivered.
 * @example notDelivered({ contract: "BroadcastRelay", name: "reaches every other application once" }, 2000, 0)
 * @example notDelivered({ contract: "BroadcastRelay", name: "reaches every other application once" }, 2000, 3)
 */
export function notDelivered(of: FindingCase, waitedMs: number, others: number): VernalError {
  const instead = others === 0 ? "" : `; ${others} with the node of somebody else were`;
  return broken(of, `within ${waitedMs} ms no envelope more of those of this case was delivered${instead}`);
}

/**
 * A relay has delivered something else than was published, or has changed what it was given.
 *
 * @example changedOnTheWay({ contract: "BroadcastRelay", name: "carries every action as it is, bytes byte for byte" }, '["send","binary","00ff"]', '["send","binary","00"]')
 */
export function changedOnTheWay(of: FindingCase, published: string, found: string): VernalError {
  return broken(of, `${published} was published, and ${found} is there`);
}

/**
 * A relay has delivered envelopes of one application in another order.
 *
 * @example outOfOrder({ contract: "BroadcastRelay", name: "keeps the order in which one application publishes" }, "8", "7")
 */
export function outOfOrder(of: FindingCase, delivered: string, next: string): VernalError {
  return broken(of, `${JSON.stringify(delivered)} was delivered where ${JSON.stringify(next)} is next`);
}

/**
 * An application or a session got too much, too little, or in another order.
 *
 * @example deliveredOtherwise({ contract: "BroadcastRelay", name: "reaches every other application once" }, "application 1", ["from 0", "from 0", "from 2"], ["from 0", "from 2"])
 */
export function deliveredOtherwise(
  of: FindingCase,
  who: string,
  found: readonly string[],
  expected: readonly string[],
  cause?: unknown,
): VernalError {
  return broken(of, `${who} got ${listText(found)} and not ${listText(expected)}`, cause);
}

/**
 * A relay has no `dispose()`, and the suite was given none.
 *
 * @example notDisposable({ contract: "BroadcastRelay", name: "delivers nothing after its dispose, and goes on for the others" })
 */
export function notDisposable(of: FindingCase): VernalError {
  return broken(of, "it has no dispose(), so that nothing ends it when its application closes");
}

/**
 * A relay has delivered after its `dispose()` had settled.
 *
 * @example deliveredAfterDispose({ contract: "BroadcastRelay", name: "delivers nothing after its dispose, and goes on for the others" }, ["after"])
 */
export function deliveredAfterDispose(of: FindingCase, texts: readonly string[]): VernalError {
  return broken(of, `${listText(texts)} was delivered after dispose() had settled`);
}

/**
 * A broadcast that closes has not reached a session of another application.
 *
 * @example notClosed({ contract: "BroadcastRelay", name: "carries closes between applications" }, 2000)
 */
export function notClosed(of: FindingCase, waitedMs: number, cause?: unknown): VernalError {
  return broken(of, `within ${waitedMs} ms the session in the other application was not closed`, cause);
}

/**
 * A broadcast that closes has reached a session of another application with another status.
 *
 * @example closedOtherwise({ contract: "BroadcastRelay", name: "carries closes between applications" }, "4001", "4001 over")
 */
export function closedOtherwise(of: FindingCase, found: string, expected: string): VernalError {
  return broken(of, `the session in the other application ended with ${found} and not with ${expected}`);
}

const LONGEST_SHOWN = 20;

/** Names, few enough to be read. */
function listText(names: readonly string[]): string {
  const left = names.length - LONGEST_SHOWN;
  return `[${names.slice(0, LONGEST_SHOWN).join(", ")}${left > 0 ? `, and ${left} more` : ""}]`;
}

function userText(user: string | undefined): string {
  return user === undefined ? "nobody" : JSON.stringify(user);
}

function afterLog(log: string): string {
  return log === "" ? "" : `; the log says: ${log}`;
}
