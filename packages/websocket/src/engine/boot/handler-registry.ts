import { registryClosed } from "../../errors";
import type { HandshakeHandler, HandshakeInterceptor } from "../../handshake";
import type { WebSocketHandlerRegistration, WebSocketHandlerRegistry } from "../../websocket-configurer";
import type { InstanceOrClass, WebSocketHandler, WebSocketHandlerOptions } from "../../websocket-handler";

/** What was said of one handler, before anything of it is checked. */
export class HandlerRegistration implements WebSocketHandlerRegistration {
  readonly handler: InstanceOrClass<WebSocketHandler>;
  readonly paths: readonly string[];
  /** Who registered it, where its own name does not say so. */
  readonly registrar: string | undefined;
  #options: WebSocketHandlerOptions = {};

  constructor(
    handler: InstanceOrClass<WebSocketHandler>,
    paths: readonly string[],
    registrar: string | undefined,
  ) {
    this.handler = handler;
    this.paths = paths;
    this.registrar = registrar;
  }

  get options(): WebSocketHandlerOptions {
    return this.#options;
  }

  /** How reports name it. */
  get name(): string {
    const handler = describeHandler(this.handler);
    return this.registrar === undefined ? handler : `${handler} (registered by ${this.registrar})`;
  }

  addInterceptors(...interceptors: InstanceOrClass<HandshakeInterceptor>[]): this {
    return this.setOptions({ interceptors: [...(this.#options.interceptors ?? []), ...interceptors] });
  }

  setHandshakeHandler(handshakeHandler: InstanceOrClass<HandshakeHandler>): this {
    return this.setOptions({ handshakeHandler });
  }

  setAllowedOrigins(...allowedOrigins: string[]): this {
    return this.setOptions({ allowedOrigins });
  }

  setAllowedOriginPatterns(...allowedOriginPatterns: string[]): this {
    return this.setOptions({ allowedOriginPatterns });
  }

  setOptions(options: WebSocketHandlerOptions): this {
    if (Object.isFrozen(this.#options)) throw registryClosed(this.name);
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    this.#options = { ...this.#options, ...(Object.fromEntries(given) as WebSocketHandlerOptions) };
    return this;
  }

  /** From now on it says what it says. */
  close(): void {
    this.#options = Object.freeze(this.#options);
  }
}

function describeHandler(handler: unknown): string {
  if (typeof handler === "function") return handler.name;
  if (typeof handler !== "object" || handler === null) return String(handler);
  const name = handler.constructor?.name ?? "";
  return name === "" || name === "Object" ? "A handler without a class name" : name;
}

/** The one list into which decorated classes and configurers write. */
export class HandlerRegistry implements WebSocketHandlerRegistry {
  readonly registrations: HandlerRegistration[] = [];
  #registrar: string | undefined;
  #closed = false;

  /** Names the configurer that is being asked. */
  set registrar(name: string | undefined) {
    this.#registrar = name;
  }

  addHandler(handler: InstanceOrClass<WebSocketHandler>, ...paths: string[]): HandlerRegistration {
    const registration = new HandlerRegistration(handler, paths, this.#registrar);
    if (this.#closed) throw registryClosed(registration.name);
    this.registrations.push(registration);
    return registration;
  }

  /** Boot has read it: what is said from now on would be heard by nobody. */
  close(): void {
    this.#closed = true;
    for (const registration of this.registrations) registration.close();
  }
}
