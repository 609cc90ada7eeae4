import type { Logger } from "pino";
import { wrongHandshakeAnswer } from "../../errors";
import {
  isPrincipal,
  refuse,
  Refusal,
  type HandshakeHandler,
  type HandshakeInterceptor,
  type Principal,
} from "../../handshake";
import type { AttributeMap } from "../../session-attributes";
import type { Endpoint } from "./endpoint";
import { firstSupported } from "./request-check";
import { CLIENT_GONE, type Interruption, type UpgradeRequest } from "./upgrade-request";

/** The application lets the session open. */
export interface Approval {
  readonly principal: Principal | undefined;
  readonly subProtocol: string | undefined;
}

export type Verdict = Approval | Refusal | typeof CLIENT_GONE;

/** Whether a user may have one session more; `null` where nobody counts. */
export type AdmitUser = (name: string | undefined) => Refusal | undefined;

/** Asks the interceptors and the handshake handler of an endpoint. Never rejects, never waits past the interruption. */
export async function askApplication(
  endpoint: Endpoint,
  request: UpgradeRequest,
  attributes: AttributeMap,
  admitUser: AdmitUser | null,
  logger: Logger,
): Promise<Verdict> {
  const passed: HandshakeInterceptor[] = [];
  let verdict: Verdict;
  let error: unknown;
  try {
    verdict = await decide(endpoint, request, attributes, admitUser, passed, logger);
    if (verdict instanceof Refusal || verdict === CLIENT_GONE) error = errorOf(verdict);
  } catch (thrown) {
    logger.error({ path: endpoint.profile.path, err: thrown }, "the handshake failed, answered with 500");
    verdict = refuse(500);
    error = thrown;
  }
  for (const interceptor of passed.reverse()) {
    const finished = callAfter(interceptor, request, error).catch((thrown: unknown) => {
      logger.error({ path: endpoint.profile.path, err: thrown }, "afterHandshake failed");
    });
    const interruption = await Promise.race([finished, request.interrupted]);
    if (interruption === undefined || verdict instanceof Refusal || verdict === CLIENT_GONE) continue;
    verdict = interruption;
    error = errorOf(interruption);
  }
  return verdict;
}

/** What interceptors are told of an end without a session. */
function errorOf(end: Interruption): unknown {
  return end === CLIENT_GONE ? new Error("The client left during the handshake.") : end;
}

async function callAfter(
  interceptor: HandshakeInterceptor,
  request: UpgradeRequest,
  error: unknown,
): Promise<void> {
  await interceptor.afterHandshake?.(request, error);
}

async function decide(
  endpoint: Endpoint,
  request: UpgradeRequest,
  attributes: AttributeMap,
  admitUser: AdmitUser | null,
  passed: HandshakeInterceptor[],
  logger: Logger,
): Promise<Verdict> {
  const { path } = endpoint.profile;
  const orInterrupted = async <T>(ask: () => T | Promise<T>): Promise<T | Interruption> => {
    let waiting = true;
    const asked = (async () => ask())();
    asked.catch((error: unknown) => {
      // After an abort a throw is what was asked for.
      if (waiting || request.signal.aborted) return;
      logger.error({ path, err: error }, "the handshake failed after it was answered");
    });
    const answer = await Promise.race([asked, request.interrupted]);
    waiting = false;
    return answer;
  };
  for (const interceptor of endpoint.interceptors ?? []) {
    const answer = await orInterrupted(() => interceptor.beforeHandshake(request, attributes));
    if (answer instanceof Refusal || answer === CLIENT_GONE) return answer;
    if (answer !== undefined)
      throw wrongHandshakeAnswer(interceptor, "beforeHandshake", answer, "nothing or refuse(…)");
    passed.push(interceptor);
  }

  const handler = endpoint.handshakeHandler;
  const subProtocol = await orInterrupted(() => chooseSubProtocol(endpoint, handler, request));
  if (subProtocol instanceof Refusal || subProtocol === CLIENT_GONE) return subProtocol;
  const principal = await orInterrupted(() => handler?.determineUser?.(request, attributes));
  if (principal instanceof Refusal || principal === CLIENT_GONE) return principal;
  if (principal !== undefined && !isPrincipal(principal)) {
    throw wrongHandshakeAnswer(
      handler!,
      "determineUser",
      principal,
      "an object with a name, undefined or refuse(…)",
    );
  }
  if (principal?.expiresAt !== undefined && principal.expiresAt.getTime() <= Date.now()) {
    return refuse(401, "The authentication has expired.");
  }
  return admitUser?.(principal?.name) ?? { principal, subProtocol };
}

async function chooseSubProtocol(
  endpoint: Endpoint,
  handler: HandshakeHandler | null,
  request: UpgradeRequest,
): Promise<string | undefined> {
  const { subProtocols: requested } = request;
  if (handler?.selectProtocol === undefined) return firstSupported(requested, endpoint.subProtocols);
  const chosen = await handler.selectProtocol(requested, endpoint.subProtocols);
  // A client fails the connection on a sub-protocol that it did not offer (RFC 6455 section 4.1).
  if (chosen !== undefined && !requested.includes(chosen)) {
    throw wrongHandshakeAnswer(handler, "selectProtocol", chosen, "one of the offered names or undefined");
  }
  return chosen;
}
