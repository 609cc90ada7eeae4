import {
  TextWebSocketHandler,
  WebSocketHandler,
  type AnyClass,
  type WebSocketHandlerOptions,
} from "../src/index";
import { configurer } from "./fixtures/configurer";
import { onlyProblemOf, reportOf } from "./fixtures/problems";

@WebSocketHandler("/ws/chat")
class ChatHandler extends TextWebSocketHandler {}

class Plain extends TextWebSocketHandler {}

describe("options", () => {
  test.each([
    ["of a handler", { components: [limited({ maxFragments: 0 })] }, "maxFragments of LimitedHandler is 0."],
    [
      "of the application",
      { components: [ChatHandler], closeTimeoutMs: 1.5 },
      "closeTimeoutMs of the application is 1.5.",
    ],
    [
      "that are no numbers",
      { components: [limited({ maxMessageBytes: NaN })] },
      "maxMessageBytes of LimitedHandler is NaN.",
    ],
    [
      "of the server",
      { port: 70_000 },
      "port of the application is 70000. Give it a whole number from 0 to 65535",
    ],
  ])("out of range are reported: %s", async (_, options, text) => {
    const problem = await onlyProblemOf(options);
    expect(problem).toContain(`[VERNAL_OPTION_OUT_OF_RANGE] The option ${text}`);
  });

  test("of the server are reported together with everything else", async () => {
    const { problems } = await reportOf({ port: -1, retryAfterSeconds: 0.5, components: [Plain] });
    expect(problems.map(({ code }) => code)).toEqual([
      "VERNAL_OPTION_OUT_OF_RANGE",
      "VERNAL_OPTION_OUT_OF_RANGE",
      "VERNAL_NOT_A_COMPONENT",
    ]);
  });

  test("with an invalid origin pattern are reported", async () => {
    const components = [limited({ allowedOriginPatterns: ["https://a.example.com:*"] })];
    await expect(onlyProblemOf({ components })).resolves.toContain(
      '[VERNAL_INVALID_ORIGIN] Among the allowed origins of LimitedHandler "https://a.example.com:*" is no origin pattern',
    );
  });

  function limited(options: Parameters<typeof WebSocketHandler>[1]): AnyClass {
    @WebSocketHandler("/ws/limited", options)
    class LimitedHandler extends TextWebSocketHandler {}
    return LimitedHandler;
  }
});

describe("options of the wrong form", () => {
  test("are reported by their names, with everything else, and are not read letter by letter", async () => {
    const { problems } = await reportOf({
      components: [ChatHandler],
      host: 7 as unknown as string,
      scan: "handlers" as unknown as string[],
      signals: ["SIGKILL"],
      plainRequests: "nope" as "426",
      requestListener: 42 as unknown as () => void,
      tls: 5 as unknown as object,
      container: {} as never,
      providers: {} as never,
      mapError: 5 as never,
    });
    const names = problems.map(({ message }) => /The option (\w+) of the application is/.exec(message)?.[1]);
    expect(names.sort()).toEqual([
      "container",
      "host",
      "mapError",
      "plainRequests",
      "providers",
      "requestListener",
      "scan",
      "signals",
      "tls",
    ]);
  });

  test("of a handler are reported too", async () => {
    const options = {
      allowedOrigins: "https://a.example",
      interceptors: {},
      mapError: 5,
      scope: "session",
      subProtocols: "v1",
    };
    const config = configurer((registry) =>
      registry.addHandler(new Plain(), "/ws/plain").setOptions(options as unknown as WebSocketHandlerOptions),
    );
    const { problems } = await reportOf({ components: [config] });
    const names = problems.map(({ message }) => /The option (\w+) of Plain \(/.exec(message)?.[1]);
    expect(names.sort()).toEqual(Object.keys(options).sort());
  });

  test("do not matter to a getter that throws: what was made is disposed, and the report says so", async () => {
    const log: string[] = [];
    class Odd extends TextWebSocketHandler {
      get subProtocols(): string[] {
        throw new Error("no names today");
      }
    }
    const config = configurer((registry) => registry.addHandler(new Odd(), "/ws/odd"));
    const problem = await onlyProblemOf({
      components: [config],
      providers: [{ token: "db", useFactory: () => ({ dispose: () => void log.push("disposed") }) }],
    });
    expect(problem).toContain("[VERNAL_BOOT_BROKEN] The wiring broke off: no names today.");
    expect(log).toEqual(["disposed"]);
  });
});
