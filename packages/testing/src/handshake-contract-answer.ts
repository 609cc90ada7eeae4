import { TextWebSocketHandler, type WebSocketSession } from "@vernal/websocket";
import { notAnswered, type FindingCase } from "./contract-errors";
import type { ContractRequest } from "./contract-request";
import type { HttpAnswer } from "./http-answer";
import type { TestApplication } from "./test-application";

/** How a handshake was answered. */
export interface HandshakeOutcome extends HttpAnswer {
  /** The user of the session that it has opened. */
  readonly user: string | undefined;
}

/** The handler of the sessions, which tells each peer who it is. */
export class TellingHandler extends TextWebSocketHandler {
  override afterConnectionEstablished(session: WebSocketSession): void {
    void session.sendMessage(JSON.stringify({ user: session.principal?.name }));
  }
}

/** Byte by byte: a client would refuse to send some, and leaves where none of its sub-protocols is taken. */
export async function answerTo(
  application: TestApplication,
  defaultPath: string,
  request: ContractRequest,
): Promise<HandshakeOutcome> {
  const { headers = {}, origin, subProtocols = [] } = request;
  await using connection = await application.openConnection();
  const offer = subProtocols.length === 0 ? {} : { "Sec-WebSocket-Protocol": subProtocols.join(", ") };
  const target = targetOf(defaultPath, request);
  const answer = await connection.upgrade(target, { ...offer, Origin: origin, ...headers });
  if (answer.status !== 101) return { ...answer, user: undefined };
  const { payload } = await connection.nextFrame();
  return { ...answer, ...(JSON.parse(payload.toString()) as { readonly user: string | undefined }) };
}

/** The same, where no answer is a finding. */
export async function answerInTime(
  application: TestApplication,
  defaultPath: string,
  request: ContractRequest,
  of: FindingCase,
  what: string,
  timeoutMs: number,
): Promise<HandshakeOutcome> {
  try {
    return await answerTo(application, defaultPath, request);
  } catch (error) {
    if (hasTimedOut(error)) throw notAnswered(of, what, timeoutMs, error);
    throw codeOf(error) === "VERNAL_TEST_ENDED" ? notAnswered(of, what, undefined, error) : error;
  }
}

export function hasTimedOut(error: unknown): boolean {
  return codeOf(error) === "VERNAL_TEST_TIMEOUT";
}

export function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | undefined)?.code;
}

/** What is asked for. */
export function targetOf(defaultPath: string, { path = defaultPath, query }: ContractRequest): string {
  return query === undefined ? path : `${path}?${query}`;
}

/** For the text of a finding. */
export function outcomeText({ status, user }: HandshakeOutcome): string {
  if (status !== 101) return String(status);
  return user === undefined ? "101 as nobody in particular" : `101 as ${JSON.stringify(user)}`;
}

/** What the application has logged last as a warning or worse; empty where nothing is. */
export function lastProblemOf({ log }: TestApplication): string {
  const last = log.findLast(({ level }) => level >= 40);
  const { message } = (last?.err ?? {}) as { readonly message?: string };
  if (last === undefined) return "";
  const { msg = "" } = last;
  return message === undefined ? msg : `${msg}: ${message}`;
}
