import type { CloseStatus } from "./close-status";
import { invalidArgument } from "./errors";
import type { WebSocketMessage } from "./message";
import type { WebSocketHandler } from "./websocket-handler";
import type { WebSocketSession } from "./websocket-session";

/**
 * A handler in front of another one, to which it passes every callback (Spring `WebSocketHandlerDecorator`). Extend it
 * and override what is to be different; what an override does not pass on never reaches the handler behind. The option
 * `decorators` puts it in front of handlers.
 *
 * Order and failures are those of `WebSocketHandler`: a callback has settled when the outermost one has, and what an
 * override throws, or lets through, is what fails. What the delegate returns is passed on as it is, so a synchronous
 * callback stays synchronous.
 */
export class WebSocketHandlerDecorator implements WebSocketHandler {
  /**
   * @param delegate the handler behind this one.
   * @throws VernalError `VERNAL_INVALID_ARGUMENT` for something that is no handler.
   */
  constructor(readonly delegate: WebSocketHandler) {
    if (typeof delegate?.handleMessage !== "function") {
      throw invalidArgument(`new ${new.target.name}`, delegate, "the handler that it decorates");
    }
  }

  /** The handler behind this decorator and all others. */
  get lastHandler(): WebSocketHandler {
    return WebSocketHandlerDecorator.unwrap(this.delegate);
  }

  /** The handler behind all decorators; of what is no decorator the handler itself. */
  static unwrap(handler: WebSocketHandler): WebSocketHandler {
    let last = handler;
    while (last instanceof WebSocketHandlerDecorator) last = last.delegate;
    return last;
  }

  afterConnectionEstablished(session: WebSocketSession<object>): void | Promise<void> {
    return this.delegate.afterConnectionEstablished(session);
  }

  handleMessage(session: WebSocketSession<object>, message: WebSocketMessage): void | Promise<void> {
    return this.delegate.handleMessage(session, message);
  }

  handleTransportError(session: WebSocketSession<object>, error: Error): void | Promise<void> {
    return this.delegate.handleTransportError(session, error);
  }

  afterConnectionClosed(session: WebSocketSession<object>, status: CloseStatus): void | Promise<void> {
    return this.delegate.afterConnectionClosed(session, status);
  }
}
