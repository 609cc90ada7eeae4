import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { Component, inject, TextWebSocketHandler, WebSocketHandler, type AnyClass } from "../src/index";
import { configurer } from "./fixtures/configurer";
import { onlyProblemOf, reportOf } from "./fixtures/problems";
import { removeTemporaryFolders, temporaryFolder } from "./fixtures/temporary-folder";

const untyped = jest.requireActual<Record<"UntypedHandler", AnyClass>>("./fixtures/compiled-by-esbuild.cjs");

afterAll(removeTemporaryFolders);

@WebSocketHandler("/ws/chat")
class ChatHandler extends TextWebSocketHandler {}

class Plain extends TextWebSocketHandler {}

test("reports everything together", async () => {
  @WebSocketHandler("/ws/chat", { maxMessageBytes: -1 })
  class ChatV2Handler extends TextWebSocketHandler {}

  @Component()
  class MessageHistory {
    constructor(@inject("database") readonly database: object) {}
  }

  @WebSocketHandler("/ws/rooms/{room", { allowedOrigins: ["chat.example.com"] })
  class RoomHandler extends TextWebSocketHandler {
    constructor(readonly history: MessageHistory) {
      super();
    }
  }

  const folder = temporaryFolder();
  const report = await reportOf({
    scan: [folder],
    components: [
      ChatHandler,
      ChatV2Handler,
      RoomHandler,
      untyped.UntypedHandler,
      configurer((registry) =>
        registry.addHandler(new Plain(), "/ws/plain").setAllowedOrigins("https://*.example.com"),
      ),
    ],
  });
  expect(report.code).toBe("VERNAL_BOOT_FAILED");
  expect(report.message.replace(folder, "/app/handlers")).toMatchInlineSnapshot(`
    "[VERNAL_BOOT_FAILED] The application cannot start: 8 problems.

      1. [VERNAL_EMPTY_SCAN] The folder /app/handlers named by the option scan has no module in it. Name the folder of the compiled classes, such as join(__dirname, "handlers"), and export each decorated class.

      2. [VERNAL_MISSING_PROVIDER] MessageHistory needs "database" as the first parameter of its constructor, and nothing provides it (reached by RoomHandler -> MessageHistory). Provide it, by the option providers: [{ token: "database", useValue: … }], or by a @Bean("database") method.

      3. [VERNAL_MISSING_METADATA] The constructor of UntypedHandler has parameters, but their types are unknown. Compile UntypedHandler with tsc or ts-jest and both "experimentalDecorators" and "emitDecoratorMetadata": esbuild, tsx and type stripping write no types. Or write @inject(TheClass), from "@vernal/websocket", in front of each parameter.

      4. [VERNAL_OPTION_OUT_OF_RANGE] The option maxMessageBytes of ChatV2Handler is -1. Give it a whole number from 1 to 1073741824, or leave it out for the default.

      5. [VERNAL_INVALID_ORIGIN] Among the allowed origins of RoomHandler "chat.example.com" is no origin: write it with its scheme, such as "https://chat.example.com".

      6. [VERNAL_INVALID_ORIGIN] Among the allowed origins of Plain (registered by ChatConfig) "https://*.example.com" is no origin but a pattern: give it to allowedOriginPatterns.

      7. [VERNAL_DUPLICATE_PATH] ChatHandler and ChatV2Handler are both mapped to "/ws/chat". Give one of them another path.

      8. [VERNAL_INVALID_PATH] RoomHandler is mapped to "/ws/rooms/{room": the segment "{room" is no variable: a variable is a whole segment and has a name of letters, digits and underscores, such as {room}. Write a path such as "/ws/chat", "/ws/rooms/{room}", "/ws/*" or "/ws/**".
    "
  `);
});

test("a getter of a handler is left alone while the report is made", async () => {
  @WebSocketHandler("/ws/getter")
  class GetterHandler extends TextWebSocketHandler {
    readonly names = ["v1"];
    constructor(@inject("nothing") readonly nothing: object) {
      super();
    }
    get subProtocols(): readonly string[] {
      return [...this.names];
    }
  }
  await expect(onlyProblemOf({ components: [GetterHandler] })).resolves.toContain("VERNAL_MISSING_PROVIDER");
});

test("a certificate that is none is reported", async () => {
  await expect(onlyProblemOf({ tls: { key: "chat.key", cert: "chat.pem" } })).resolves.toMatch(
    /^\[VERNAL_INVALID_TLS\] The option tls cannot be used: .+\. Give it what https\.createServer takes/,
  );
});

test("an address of another machine is reported", async () => {
  // RFC 5737 keeps it for documentation.
  await expect(onlyProblemOf({ host: "192.0.2.1" })).resolves.toBe(
    "[VERNAL_CANNOT_LISTEN] The server cannot listen on 192.0.2.1:0: this machine has no such address. " +
      "Leave the option host out to listen on all.",
  );
});

test("a port in use is reported after what was started is disposed", async () => {
  let disposed = false;
  @Component()
  class Pool {
    dispose(): void {
      disposed = true;
    }
  }
  const other = createServer().listen(0);
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const problem = await onlyProblemOf({ port, components: [Pool] });
  other.close();
  expect(problem).toBe(
    `[VERNAL_CANNOT_LISTEN] The server cannot listen on *:${port}: something listens there already. ` +
      "Stop it, or give another port (0 takes a free one).",
  );
  expect(disposed).toBe(true);
});
