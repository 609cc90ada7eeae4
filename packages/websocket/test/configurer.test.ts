import {
  Component,
  Configuration,
  EnableWebSocket,
  refuse,
  TextMessage,
  TextWebSocketHandler,
  WebSocketHandler,
  type HandshakeInterceptor,
  type Refusal,
  type WebSocketConfigurer,
  type WebSocketHandlerRegistry,
  type WebSocketSession,
} from "../src/index";
import { closeApplications, recordingLogger, startApplication } from "./harness/application";
import { connectClient } from "./harness/client";
import { openRaw, upgradeRequest } from "./harness/raw-connection";

afterEach(closeApplications);

class EchoHandler extends TextWebSocketHandler {
  constructor(private readonly prefix: string) {
    super();
  }

  override async handleTextMessage(session: WebSocketSession, message: TextMessage): Promise<void> {
    await session.sendMessage(new TextMessage(`${this.prefix}: ${message.payload}`));
  }
}

@Component()
class Greeting {
  readonly text = "configured";
}

@Configuration()
@EnableWebSocket()
class WebSocketConfig implements WebSocketConfigurer {
  constructor(private readonly greeting: Greeting) {}

  registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
    registry
      .addHandler(new EchoHandler(this.greeting.text), "/ws/first", "/ws/second")
      .setAllowedOrigins("*");
  }
}

@WebSocketHandler("/ws/decorated")
class DecoratedHandler extends EchoHandler {
  constructor(readonly greeting: Greeting) {
    super("decorated");
  }
}

async function answerOf(url: string): Promise<string | Buffer> {
  const client = await connectClient(url);
  client.send("hello");
  return client.next();
}

async function statusOf(port: number, path: string, origin: string): Promise<number> {
  const connection = await openRaw(port);
  connection.write(upgradeRequest(path, [`Origin: ${origin}`]));
  const { status } = await connection.answer();
  connection.destroy();
  return status;
}

test("a configurer and a decorated class serve one application", async () => {
  const { logger, lines } = recordingLogger("info");
  const application = await startApplication({ logger, components: [WebSocketConfig, DecoratedHandler] });
  await expect(answerOf(`${application.url}/ws/first`)).resolves.toBe("configured: hello");
  await expect(answerOf(`${application.url}/ws/second`)).resolves.toBe("configured: hello");
  await expect(answerOf(`${application.url}/ws/decorated`)).resolves.toBe("decorated: hello");
  await expect(statusOf(application.port, "/ws/first", "https://elsewhere.example")).resolves.toBe(101);
  await expect(statusOf(application.port, "/ws/decorated", "https://elsewhere.example")).resolves.toBe(403);
  expect(lines.map(({ msg }) => msg).slice(0, 3)).toEqual([
    expect.stringMatching(/^\/ws\/decorated -> DecoratedHandler .*same origin/),
    expect.stringMatching(/^\/ws\/first -> EchoHandler \(registered by WebSocketConfig\) .*\*/),
    expect.stringMatching(/^\/ws\/second -> EchoHandler \(registered by WebSocketConfig\) .*\*/),
  ]);
});

test("the start says who may come: the same origin, those that are listed, or all", async () => {
  @Configuration()
  @EnableWebSocket()
  class Config implements WebSocketConfigurer {
    registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
      registry.addHandler(new EchoHandler("same"), "/ws/same");
      registry
        .addHandler(new EchoHandler("listed"), "/ws/listed")
        .setAllowedOrigins("https://a.example")
        .setAllowedOriginPatterns("https://*.b.example");
      registry.addHandler(new EchoHandler("all"), "/ws/all").setAllowedOrigins("https://a.example", "*");
    }
  }
  const { logger, lines } = recordingLogger("info");
  await startApplication({ logger, components: [Config] });
  expect(lines.slice(0, 3).map(({ msg }) => msg.replace(/^.*\(/, "("))).toEqual([
    "(same origin)",
    "(same origin, https://a.example, https://*.b.example)",
    "(*)",
  ]);
});

test("one @EnableWebSocket() enables every configurer, also one that is a component or has a property", async () => {
  @Component()
  class Extra {
    registerWebSocketHandlers = (registry: WebSocketHandlerRegistry): void => {
      registry.addHandler(new EchoHandler("extra"), "/ws/extra");
    };
  }
  const application = await startApplication({ components: [Extra, WebSocketConfig] });
  await expect(answerOf(`${application.url}/ws/extra`)).resolves.toBe("extra: hello");
});

test("an asynchronous configurer is awaited", async () => {
  @Configuration()
  @EnableWebSocket()
  class SlowConfig {
    async registerWebSocketHandlers(registry: WebSocketHandlerRegistry): Promise<void> {
      await new Promise((resolve) => setImmediate(resolve));
      registry.addHandler(new EchoHandler("slow"), "/ws/slow");
    }
  }
  const application = await startApplication({ components: [SlowConfig] });
  await expect(answerOf(`${application.url}/ws/slow`)).resolves.toBe("slow: hello");
});

test("interceptors are added in order, as instances and as classes that are injected once", async () => {
  const order: string[] = [];
  let made = 0;

  @Component()
  class First implements HandshakeInterceptor {
    constructor(private readonly greeting: Greeting) {
      made += 1;
    }
    beforeHandshake(): void {
      order.push(`First ${this.greeting.text}`);
    }
  }
  class Second implements HandshakeInterceptor {
    beforeHandshake(): Refusal {
      order.push("Second");
      return refuse(401);
    }
  }

  @Configuration()
  @EnableWebSocket()
  class GuardedConfig implements WebSocketConfigurer {
    registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
      registry
        .addHandler(new EchoHandler("a"), "/ws/a")
        .addInterceptors(First)
        .addInterceptors(new Second())
        .setOptions({ allowedOrigins: undefined, maxMessageBytes: 10 });
      registry.addHandler(new EchoHandler("b"), "/ws/b").addInterceptors(First);
    }
  }
  const application = await startApplication({ components: [GuardedConfig] });
  const { host } = new URL(application.url);
  await expect(statusOf(application.port, "/ws/a", `http://${host}`)).resolves.toBe(403);
  await expect(connectClient(`${application.url}/ws/a`)).rejects.toThrow("401");
  await answerOf(`${application.url}/ws/b`);
  expect(order).toEqual(["First configured", "Second", "First configured"]);
  expect(made).toBe(1);
});

test("setOptions replaces what is given and leaves the rest", async () => {
  @Configuration()
  @EnableWebSocket()
  class LimitedConfig implements WebSocketConfigurer {
    registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
      registry
        .addHandler(new EchoHandler("limited"), "/ws/limited")
        .setAllowedOriginPatterns("https://*.example.com")
        .setOptions({ maxMessageBytes: 5 })
        .setOptions({ closeTimeoutMs: 1000, maxMessageBytes: undefined });
    }
  }
  const application = await startApplication({ components: [LimitedConfig] });
  await expect(statusOf(application.port, "/ws/limited", "https://a.example.com")).resolves.toBe(101);
  const client = await connectClient(`${application.url}/ws/limited`);
  client.send("123456");
  await expect(client.closed()).resolves.toMatchObject({ code: 1009 });
});
