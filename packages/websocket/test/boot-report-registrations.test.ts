import { EventEmitter } from "node:events";
import {
  Configuration,
  TextWebSocketHandler,
  WebSocketHandler,
  type AnyClass,
  type HandshakeInterceptor,
  type WebSocketConfigurer,
  type WebSocketHandlerRegistration,
  type WebSocketHandlerRegistry,
} from "../src/index";
import { configurer } from "./fixtures/configurer";
import { onlyProblemOf, reportOf } from "./fixtures/problems";
import { closeApplications, startApplication } from "./harness/application";

@WebSocketHandler("/ws/chat")
class ChatHandler extends TextWebSocketHandler {}

class Plain extends TextWebSocketHandler {}

describe("paths", () => {
  test("of one handler that are the same are named once", async () => {
    @WebSocketHandler(["/ws/a", "/ws/a"])
    class TwiceHandler extends TextWebSocketHandler {}
    await expect(onlyProblemOf({ components: [TwiceHandler] })).resolves.toBe(
      '[VERNAL_DUPLICATE_PATH] TwiceHandler is mapped twice to "/ws/a". Remove one of the two, or give it another path.',
    );
  });

  test("with a variable as express writes it are refused", async () => {
    @WebSocketHandler("/ws/rooms/:room")
    class RoomHandler extends TextWebSocketHandler {}
    await expect(onlyProblemOf({ components: [RoomHandler] })).resolves.toContain(
      'the segment ":room" is no variable: write {room}',
    );
  });

  test("of two classes of one name are said to be of two", async () => {
    const copy = (): AnyClass => {
      @WebSocketHandler("/ws/chat")
      class ChatHandler extends TextWebSocketHandler {}
      return ChatHandler;
    };
    await expect(onlyProblemOf({ components: [copy(), copy()] })).resolves.toBe(
      '[VERNAL_DUPLICATE_PATH] Two classes named ChatHandler are mapped to "/ws/chat". Give one of them another path; ' +
        "if they should be one, see whether a scanned folder holds an old copy.",
    );
  });

  test("that differ only in the names of variables are one path", async () => {
    @WebSocketHandler("/ws/{room}")
    class RoomHandler extends TextWebSocketHandler {}
    @WebSocketHandler("/ws/{user}")
    class UserHandler extends TextWebSocketHandler {}
    await expect(onlyProblemOf({ components: [RoomHandler, UserHandler] })).resolves.toBe(
      '[VERNAL_DUPLICATE_PATH] RoomHandler and UserHandler are both mapped to "/ws/{room}" and "/ws/{user}", ' +
        "which match the same requests. Give one of them another path.",
    );
  });

  test("of a decorator and a configurer are told apart by who registered them", async () => {
    const config = configurer((registry) => registry.addHandler(new Plain(), "/ws/chat"));
    await expect(onlyProblemOf({ components: [ChatHandler, config] })).resolves.toContain(
      'ChatHandler and Plain (registered by ChatConfig) are both mapped to "/ws/chat"',
    );
  });

  test("that are missing or malformed are reported with the handler", async () => {
    const config = configurer((registry) => {
      const addHandler = registry.addHandler.bind(registry) as (
        handler: object,
        ...paths: string[]
      ) => object;
      addHandler(new Plain());
      addHandler(new Plain(), "/ws/a b");
    });
    const { problems } = await reportOf({ components: [config] });
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^\[VERNAL_INVALID_PATH\] Plain \(registered by ChatConfig\) is registered without a path/,
      ),
      expect.stringMatching(
        /^\[VERNAL_INVALID_PATH\] Plain .* is mapped to "\/ws\/a b": the path holds a space\. Write/,
      ),
    ]);
  });
});

describe("handlers", () => {
  test.each([
    ["undefined", undefined, "undefined (registered by ChatConfig) is no WebSocketHandler"],
    [
      "an object literal",
      {},
      "A handler without a class name (registered by ChatConfig) is no WebSocketHandler",
    ],
    [
      "a class that is none",
      new EventEmitter(),
      "EventEmitter (registered by ChatConfig) is no WebSocketHandler",
    ],
  ])("that are none are reported: %s", async (_, handler, text) => {
    const config = configurer((registry) => registry.addHandler(handler as unknown as Plain, "/ws/chat"));
    const problem = await onlyProblemOf({ components: [config] });
    expect(problem).toContain(
      `[VERNAL_NOT_A_HANDLER] ${text}: it lacks afterConnectionEstablished, handleMessage`,
    );
    expect(problem).toContain("extends TextWebSocketHandler");
  });
});

test("a class that a configurer registers without a scope is reported", async () => {
  const config = configurer((registry) => registry.addHandler(Plain as unknown as Plain, "/ws/chat"));
  await expect(onlyProblemOf({ components: [config] })).resolves.toBe(
    "[VERNAL_CLASS_NEEDS_SCOPE] Plain (registered by ChatConfig) is registered as a class. Register an instance, " +
      'injected into the constructor of the configurer or made with new, or add .setOptions({ scope: "connection" }) for one per connection.',
  );
});

describe("interceptors", () => {
  test("that are none, as after a circular import, are reported", async () => {
    const interceptors = [undefined as unknown as HandshakeInterceptor];
    const config = configurer((registry) =>
      registry.addHandler(new Plain(), "/ws/chat").setOptions({ interceptors }),
    );
    await expect(onlyProblemOf({ components: [config] })).resolves.toContain(
      "[VERNAL_NOT_AN_INTERCEPTOR] The option interceptors of Plain (registered by ChatConfig) holds undefined, which has no method beforeHandshake.",
    );
  });
});

describe("the registry", () => {
  test("is closed after the start", async () => {
    let kept!: WebSocketHandlerRegistry;
    let registration!: WebSocketHandlerRegistration;
    const config = configurer((registry) => {
      kept = registry;
      registration = registry.addHandler(new Plain(), "/ws/plain");
    });
    await startApplication({ components: [config] });
    const closed = expect.objectContaining({ code: "VERNAL_REGISTRY_CLOSED" }) as Error;
    expect(() => kept.addHandler(new Plain(), "/ws/late")).toThrow(closed);
    expect(() => registration.setAllowedOrigins("*")).toThrow(closed);
    await closeApplications();
  });
});

describe("configurers", () => {
  test("that nothing enables are reported", async () => {
    @Configuration()
    class LonelyConfig implements WebSocketConfigurer {
      registerWebSocketHandlers(): void {}
    }
    await expect(onlyProblemOf({ components: [LonelyConfig] })).resolves.toBe(
      "[VERNAL_CONFIGURER_NOT_ENABLED] LonelyConfig has registerWebSocketHandlers, but nothing calls it. " +
        "Put @EnableWebSocket() beside its @Configuration().",
    );
  });

  test("that nothing enables are asked all the same, so that what they register is in the same report", async () => {
    @Configuration()
    class LonelyConfig implements WebSocketConfigurer {
      registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
        registry.addHandler(new Plain(), "/ws/plain/");
      }
    }
    const { problems } = await reportOf({ components: [LonelyConfig] });
    expect(problems.map(({ code }) => code)).toEqual([
      "VERNAL_CONFIGURER_NOT_ENABLED",
      "VERNAL_INVALID_PATH",
    ]);
  });

  test.each([
    [
      "throw",
      (): void => {
        throw new Error("no such file");
      },
    ],
    ["reject", async (): Promise<void> => Promise.reject(new Error("no such file"))],
  ])("that %s are reported", async (_, register) => {
    await expect(onlyProblemOf({ components: [configurer(register)] })).resolves.toBe(
      "[VERNAL_CONFIGURER_FAILED] ChatConfig.registerWebSocketHandlers threw: no such file. " +
        "Mend what it does; nothing was started.",
    );
  });
});
