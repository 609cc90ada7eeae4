import type { Principal, SessionAttributes, SocketAddress } from "@vernal/websocket";

/** What a `RecordingSession` is like. Everything has a default. */
export interface RecordingSessionOptions {
  /** Default: a random UUID. */
  readonly id?: string;
  /** The address that was asked for. Default `"ws://localhost/"`. */
  readonly uri?: string | URL;
  /** The headers of the handshake, names in any case. Default: none. */
  readonly handshakeHeaders?: Readonly<Record<string, string>>;
  /** What interceptors would have put in, typed by `SessionAttributes`. Default: nothing. */
  readonly attributes?: Partial<SessionAttributes> & Readonly<Record<string, unknown>>;
  /** Who the peer is; its `expiresAt` is the session's. Default: nobody in particular. */
  readonly principal?: Principal;
  /** Default: 127.0.0.1 with port 8080. */
  readonly localAddress?: SocketAddress;
  /** Default: 127.0.0.1 with port 50000. */
  readonly remoteAddress?: SocketAddress;
  /** The sub-protocol. Default: none. */
  readonly acceptedProtocol?: string;
  /** With more groups `join` throws `VERNAL_TOO_MANY_GROUPS`, as a real session does. Default 1000. */
  readonly maxGroupsPerSession?: number;
}

/** The same with the path variables `V`, for a handler that relies on them. */
export interface RecordingSessionOptionsWith<V extends object> extends RecordingSessionOptions {
  /** As the path would give them, decoded. */
  readonly pathVariables: V;
}
