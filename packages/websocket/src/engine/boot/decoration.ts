import type {
  InstanceOrClass,
  WebSocketHandler,
  WebSocketHandlerDecoratorFactory,
} from "../../websocket-handler";
import { decorationFailed, notDecorated, type DecoratorPlace } from "../../wiring-errors";
import { missingCallbacks } from "../connection/callbacks";
import type { Endpoint, OwnHandler } from "../handshake/endpoint";
import type { ApplicationContainer } from "./container";

/** A decorator factory in its place. */
export interface Decoration extends DecoratorPlace {
  readonly factory: WebSocketHandlerDecoratorFactory;
}

/** Where the callbacks of an endpoint go. */
export type HandlerSource = Pick<Endpoint, "handler" | "makeHandler">;

/**
 * Decorates the one handler now, and each of a class when it is made. Throws the problem of the first decoration that
 * fails.
 *
 * @param name how reports name the handler.
 * @param decorations the first is the outermost.
 */
export function handlerSource(
  name: string,
  handler: InstanceOrClass<WebSocketHandler>,
  decorations: readonly Decoration[],
  container: ApplicationContainer,
): HandlerSource {
  if (typeof handler !== "function") {
    return { handler: decorate(name, handler, decorations), makeHandler: null };
  }
  const make = container.makerForConnections(handler);
  const makeHandler = (): OwnHandler => {
    const instance = make() as WebSocketHandler;
    try {
      return { handler: decorate(name, instance, decorations), instance };
    } catch (error) {
      void container.release(instance);
      throw error;
    }
  };
  return { handler: null, makeHandler };
}

function decorate(
  name: string,
  handler: WebSocketHandler,
  decorations: readonly Decoration[],
): WebSocketHandler {
  return decorations.reduceRight((inner, decoration) => decorateOnce(name, inner, decoration), handler);
}

function decorateOnce(name: string, inner: WebSocketHandler, decoration: Decoration): WebSocketHandler {
  let made: WebSocketHandler;
  try {
    made = decoration.factory.decorate(inner);
  } catch (error) {
    throw decorationFailed(decoration, name, error);
  }
  const missing = missingCallbacks(made);
  if (missing.length > 0) throw notDecorated(decoration, name, made, missing);
  return made;
}
