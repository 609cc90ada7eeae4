import { CloseStatus } from "./close-status";
import { TextMessage } from "./message";
import { TextWebSocketHandler } from "./text-websocket-handler";
import { WebSocketHandlerDecorator } from "./websocket-handler-decorator";
import type { WebSocketHandler } from "./websocket-handler";
import type { WebSocketSession } from "./websocket-session";

const session = {} as WebSocketSession;
class Inner extends TextWebSocketHandler {}
const inner = new Inner();

test("passes each callback on as it is, and gives back what the delegate returns", () => {
  const calls: unknown[][] = [];
  const callback = (...parameters: unknown[]): Promise<void> => {
    calls.push(parameters);
    return answers[calls.length - 1] as Promise<void>;
  };
  const answers = [undefined, Promise.resolve(), undefined, Promise.resolve()];
  const delegate: WebSocketHandler = {
    afterConnectionEstablished: callback,
    handleMessage: callback,
    handleTransportError: callback,
    afterConnectionClosed: callback,
  };
  const decorator = new WebSocketHandlerDecorator(delegate);
  const message = new TextMessage("x");
  const error = new Error("it broke");
  const returned = [
    decorator.afterConnectionEstablished(session),
    decorator.handleMessage(session, message),
    decorator.handleTransportError(session, error),
    decorator.afterConnectionClosed(session, CloseStatus.NORMAL),
  ];
  returned.forEach((each, index) => expect(each).toBe(answers[index]));
  expect(calls).toEqual([[session], [session, message], [session, error], [session, CloseStatus.NORMAL]]);
});

test("knows the next handler and the last one", () => {
  const middle = new WebSocketHandlerDecorator(inner);
  const outer = new WebSocketHandlerDecorator(middle);
  expect(outer.delegate).toBe(middle);
  expect(outer.lastHandler).toBe(inner);
  expect(middle.lastHandler).toBe(inner);
  expect(WebSocketHandlerDecorator.unwrap(outer)).toBe(inner);
  expect(WebSocketHandlerDecorator.unwrap(inner)).toBe(inner);
});

test("takes no other thing for a handler", () => {
  class Logging extends WebSocketHandlerDecorator {}
  expect(() => new Logging(undefined as never)).toThrow(
    "[VERNAL_INVALID_ARGUMENT] new Logging got undefined. Give it the handler that it decorates.",
  );
});
