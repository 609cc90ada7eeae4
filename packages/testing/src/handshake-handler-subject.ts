import type { HandshakeHandler } from "@vernal/websocket";
import type { ContractRequest } from "./contract-request";

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
  /** Gives back what a case had made, after its application has closed. Default: nothing. */
  readonly dispose?: (handler: HandshakeHandler) => void | Promise<void>;
  /**
   * The path of the WebSocket handler behind it, as for `addHandler`, such as `"/ws/rooms/{room}"` for a handler that reads
   * `pathVariables`. Default `"/ws"`.
   */
  readonly path?: string;
  /** The sub-protocols of the WebSocket handler behind it. Default: none. */
  readonly subProtocols?: readonly string[];
  /**
   * Handshakes that it lets in, of two users at least, each with credentials of its own; anew with each call where they can
   * be used once only. Called in each case, and more than once, with the handler of that case. Default: none, and then the
   * cases about those who are let in are left out.
   */
  readonly accepted?: (
    handler: HandshakeHandler,
  ) => readonly AcceptedRequest[] | Promise<readonly AcceptedRequest[]>;
  /** Handshakes that it refuses, in the same way. Default: none, and then the case about them is left out. */
  readonly refused?: (
    handler: HandshakeHandler,
  ) => readonly RefusedRequest[] | Promise<readonly RefusedRequest[]>;
  /** Says that the handler knows one user only, so that `accepted` cannot have two. Default `false`. */
  readonly singleUser?: boolean;
  /**
   * How long an answer to a handshake, and each call of the functions here, may take. Milliseconds, `Infinity` for no limit,
   * default 2000. A runner's own limit for a test should be longer.
   */
  readonly timeoutMs?: number;
}
