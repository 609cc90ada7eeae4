import type { HandshakeHandler, HandshakeInterceptor } from "../../handshake";
import type { ConnectionProfile } from "../connection/profile";
import type { Acceptor } from "./accept";
import type { OriginPolicy } from "./origin";

/** One path and all that is decided about it at boot. Frozen. */
export interface Endpoint {
  readonly profile: ConnectionProfile;
  readonly origin: OriginPolicy;
  /** `null` where there is nothing to run. */
  readonly interceptors: readonly HandshakeInterceptor[] | null;
  readonly handshakeHandler: HandshakeHandler | null;
  /** What the handler supports. */
  readonly subProtocols: readonly string[];
  readonly acceptor: Acceptor;
}
