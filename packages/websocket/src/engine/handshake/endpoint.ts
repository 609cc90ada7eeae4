import type { HandshakeHandler, HandshakeInterceptor } from "../../handshake";
import type { ConnectionProfile } from "../connection/profile";
import type { WebSocketHandler } from "../../websocket-handler";
import type { Admission } from "../sessions/admission";
import type { Acceptor } from "./accept";
import type { OriginPolicy } from "./origin";

/** The handler of one connection. */
export interface OwnHandler {
  /** What gets the callbacks: the instance, or what decorates it. */
  readonly handler: WebSocketHandler;
  /** What the container has made, and takes back. */
  readonly instance: WebSocketHandler;
}

/** One path and all that is decided about it at boot. Frozen. */
export interface Endpoint {
  /** `null` where each connection has its own. */
  readonly handler: WebSocketHandler | null;
  /** Makes the handler of one connection; `null` where all share one. */
  readonly makeHandler: (() => OwnHandler) | null;
  readonly profile: ConnectionProfile;
  /** `null` where the number of sessions is not limited. */
  readonly admission: Admission | null;
  readonly origin: OriginPolicy;
  /** `null` where there is nothing to run. */
  readonly interceptors: readonly HandshakeInterceptor[] | null;
  readonly handshakeHandler: HandshakeHandler | null;
  /** What the handler supports. */
  readonly subProtocols: readonly string[];
  readonly acceptor: Acceptor;
}
