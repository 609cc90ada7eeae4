import type { ServerOptions as TlsOptions } from "node:https";
import type { Logger } from "pino";
import type { DependencyContainer } from "tsyringe";
import type { AnyClass } from "./class-metadata";
import type { RequestListener } from "./handshake";
import type { Provider } from "./injection";
import type { ConnectionOptions } from "./options";
import type { ErrorMapper, InstanceOrClass, WebSocketHandlerDecoratorFactory } from "./websocket-handler";

/**
 * How any application is put together. The limits of `ConnectionOptions` hold for every handler that sets no others.
 */
export interface ApplicationOptions extends ConnectionOptions {
  /**
   * Folders whose modules are loaded for the decorated classes that they export, such as `join(__dirname, "handlers")`.
   * What their constructors name is found through them, wherever it lies. Default: none: nothing is loaded
   * that nobody has named.
   */
  readonly scan?: readonly string[];
  /** Decorated classes, beside or instead of `scan`. Default: none: to be imported somewhere registers nothing. */
  readonly components?: readonly AnyClass[];
  /**
   * What stands behind tokens that are no components: values, classes of others, results of functions. Default: none: a
   * component is found by its class.
   */
  readonly providers?: readonly Provider[];
  /**
   * Like `providers`, and winning over every other source of the same token, components included: for tests. Default:
   * none: anywhere else two sources of one token are a mistake.
   */
  readonly overrides?: readonly Provider[];
  /**
   * The container of tsyringe whose registrations the application sees; its own things go into a child of it. Default:
   * the global one: what code around it has registered with tsyringe is found.
   */
  readonly container?: DependencyContainer;
  /**
   * The proxies in front, as addresses or networks such as `"127.0.0.1"`, `"10.0.0.0/8"` or `"fd00::/8"`. Of a request
   * that one of them sends, `X-Forwarded-For`, `-Proto`, `-Host` and `-Port` say what the client asked for and from
   * where: for the origin check, `uri`, `remoteAddress`, the log, and `maxConnectionsPerAddress`. List only proxies that
   * set or remove all four. Default: none: anybody can send these headers, and they
   * mean nothing then.
   */
  readonly trustedProxies?: readonly string[];
  /**
   * How long interceptors and handshake handler may take together, before 503. Milliseconds, default 10 000: a look into a
   * database that takes longer has failed, and a client would rather try again.
   */
  readonly handshakeTimeoutMs?: number;
  /**
   * How long `close` waits for the sessions to end, before it cuts them. Milliseconds, default 30 000: as long as most
   * supervisors wait before they kill.
   */
  readonly drainTimeoutMs?: number;
  /**
   * Over what time `close` spreads the ends of the sessions, so that their clients do not all come back at once.
   * Milliseconds, default 5000: long enough for clients to come back in turn, short enough for a deploy; at most
   * half of `drainTimeoutMs` is taken.
   */
  readonly drainJitterMs?: number;
  /**
   * How many sessions end together, the first of them at once. Default 100: some twenty milliseconds of work
   * for the process that they come back to.
   */
  readonly drainBatchSize?: number;
  /**
   * What a refusal with 503, or with 429 for too many connections, tells the client to wait. Seconds, default 5: soon
   * enough for a person who waits, and another refusal costs little.
   */
  readonly retryAfterSeconds?: number;
  /**
   * What stands in front of every handler, outside of the handler's own `decorators`; the first listed is the outermost.
   * A class is made by the container. Default: none: each is one more call for every message.
   */
  readonly decorators?: readonly InstanceOrClass<WebSocketHandlerDecoratorFactory>[];
  /**
   * How failed callbacks close their sessions, where a handler does not say. Default: with 1011: the peer learns that the
   * server failed, and nothing else.
   */
  readonly mapError?: ErrorMapper;
  /**
   * A logger of pino. Default: one for standard output, readable unless `NODE_ENV` is `production`: people read it while
   * they develop, programs afterwards. Its level is that in the environment's `LOG_LEVEL`, or `info`.
   */
  readonly logger?: Logger;
}

/** How an application with a server of its own is put together. */
export interface WebSocketApplicationOptions extends ApplicationOptions {
  /** The port to listen on; 0 takes a free one. Default 8080: that of Spring Boot. */
  readonly port?: number;
  /** The address to listen on. Default: all: in a container requests come from outside of it. */
  readonly host?: string;
  /** Certificate and key, and what else `https.createServer` takes. Default: plain: most servers stand behind a proxy. */
  readonly tls?: TlsOptions;
  /**
   * Answers the requests of HTTP that are none of ours, such as a page: a function, or an express application. Default:
   * none, and they get 404: no page is made up.
   */
  readonly requestListener?: RequestListener;
  /**
   * What answers an ordinary request for the path of a handler: `"426"` says that WebSocket is spoken there, and
   * `"listener"` passes it to `requestListener`. Default `"426"`: who opens that address in a browser is told what it is.
   */
  readonly plainRequests?: "426" | "listener";
  /**
   * How long a client may take to send the head of a request, before 408. Milliseconds, default 10 000: a head is one
   * packet, and who drips it holds a socket.
   */
  readonly headersTimeoutMs?: number;
  /**
   * Close the application that `run` started. Default: `SIGTERM` and `SIGINT`: supervisors and terminals send them. An
   * empty list is none.
   */
  readonly signals?: readonly NodeJS.Signals[];
}

/** How an application on the server of a host is put together: port, TLS, plain requests and signals are the host's. */
export interface AttachedApplicationOptions extends ApplicationOptions {}
