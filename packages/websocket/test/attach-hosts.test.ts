import { createServer, request as httpRequest, type IncomingMessage, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text as wholeText } from "node:stream/consumers";
import { Body, Controller, Get, Module, Post } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import express5 from "express";
import type { ErrorRequestHandler } from "express";
import { fastify } from "fastify";
import {
  Component,
  TextWebSocketHandler,
  WebSocketHandler,
  type TextMessage,
  type WebSocketApplication,
  type WebSocketSession,
} from "../src/index";
import { attach, closeHosts } from "./harness/attached";
import { connectClient } from "./harness/client";
import { leave, openRaw, upgradeRequest } from "./harness/raw-connection";
import { answerAndEnd } from "./harness/refusal";
import { until, within } from "./harness/until";

const express4 = require("express4") as typeof express5;

@Component()
class Greeting {
  readonly text = "hello";
}
@WebSocketHandler("/ws")
class Greeter extends TextWebSocketHandler {
  constructor(private readonly greeting: Greeting) {
    super();
  }
  override handleTextMessage(session: WebSocketSession, message: TextMessage): void {
    void session.sendMessage(`${this.greeting.text} ${message.payload}`);
  }
}

/** An application of HTTP: `GET /page`, `POST /body` which gives back what is posted, `GET /broken` which throws. */
interface Host {
  readonly server: Server;
  listen(): Promise<unknown>;
  close(): Promise<unknown>;
}

function express(make: typeof express5): Host {
  const app = make();
  app.get("/page", (_request, response) => void response.send("page"));
  app.post("/body", make.text(), (request, response) => void response.send(request.body));
  app.get("/broken", () => {
    throw new Error("broken");
  });
  const onError: ErrorRequestHandler = (error: Error, _request, response, _next) => {
    response.status(503).send(`handled: ${error.message}`);
  };
  app.use(onError);
  const server = createServer(app);
  return {
    server,
    listen: () => once(server.listen(0), "listening"),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

function fastifyHost(): Host {
  const app = fastify();
  app.get("/page", () => "page");
  app.post("/body", (request) => request.body);
  app.get("/broken", () => {
    throw new Error("broken");
  });
  app.setErrorHandler((error: Error, _request, reply) => reply.code(503).send(`handled: ${error.message}`));
  return { server: app.server, listen: () => app.listen({ port: 0 }), close: () => app.close() };
}

async function nest(): Promise<Host> {
  @Controller()
  class Pages {
    @Get("page")
    page(): string {
      return "page";
    }
    @Post("body")
    body(@Body() body: string): string {
      return body;
    }
    @Get("broken")
    broken(): string {
      throw new Error("broken");
    }
  }
  @Module({ controllers: [Pages] })
  class Main {}
  const app = await NestFactory.create(Main, { logger: false });
  app.use(express5.text());
  app.useGlobalFilters({
    catch: (error: Error, host) => {
      const response = host.switchToHttp().getResponse<import("express").Response>();
      response.status(503).send(`handled: ${error.message}`);
    },
  });
  const server = app.getHttpServer() as Server;
  return { server, listen: () => app.listen(0), close: () => app.close() };
}

const hosts: [name: string, make: () => Host | Promise<Host>][] = [
  ["express 5", () => express(express5)],
  ["express 4", () => express(express4)],
  ["fastify", fastifyHost],
  ["NestJS", nest],
];

describe.each(hosts)("attached to %s", (_, make) => {
  let host: Host;
  let application: WebSocketApplication;
  let port: number;

  beforeEach(async () => {
    host = await make();
    application = await attach(host.server, { components: [Greeter] });
    await host.listen();
    ({ port } = application);
  });
  afterEach(async () => {
    await closeHosts();
    await within("the end of the host", host.close());
  });

  it("it serves its handlers", async () => {
    const client = await connectClient(`${application.url}/ws`);
    client.send("you");
    expect(await client.next()).toBe("hello you");
    await client.close();
  });

  it("the host answers as before, errors included", async () => {
    const before = await bare(make);
    const text = { "Content-Type": "text/plain" };
    const asked: [method: string, path: string, body: string, headers: object][] = [
      ["GET", "/page", "", {}],
      ["POST", "/body", "some body", text],
      ["GET", "/broken", "", {}],
      ["GET", "/nothing", "", {}],
      ["GET", "/ws", "", {}],
    ];
    for (const [method, path, body, headers] of asked) {
      const [now, then] = [port, before.port].map((each) => ask(each, method, path, body, headers));
      expect(await now).toEqual(await then);
    }
    expect(await ask(port, "GET", "/page", "", {})).toMatchObject({ status: 200, body: "page" });
    expect(await ask(port, "GET", "/broken", "", {})).toMatchObject({ status: 503, body: "handled: broken" });
    await before.host.close();
  });

  it("the host gets an upgrade to something else with its body", async () => {
    const h2c = ["Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABk"];
    const connection = await openRaw(port);
    const headers = [...h2c, "Content-Type: text/plain", "Content-Length: 9"];
    connection.write(`${upgradeRequest("/body", headers, "POST")}some body`);
    expect(await connection.answer()).toMatchObject({ body: "some body" });
    await leave(connection);
  });

  it("a handshake for another path is refused", async () => {
    expect(await answerAndEnd(port, upgradeRequest("/page"))).toMatchObject({ status: 404 });
  });

  it("the host goes on after its close, and its end waits for no session", async () => {
    const client = await connectClient(`${application.url}/ws`);
    await application.close();
    expect((await client.closed()).code).toBe(1001);
    expect(await ask(port, "GET", "/page", "", {})).toMatchObject({ body: "page" });
  });

  it("the host may close first: its end comes with that of the sessions", async () => {
    const client = await connectClient(`${application.url}/ws`);
    const closing = host.close();
    await until("the end of listening", () => !host.server.listening);
    client.send("you");
    expect(await client.next()).toBe("hello you");
    await application.close();
    await within("the end of the host", closing);
    expect((await client.closed()).code).toBe(1001);
    host = await make();
  });
});

describe("fastify", () => {
  it("may be ready before, and close the application in a hook", async () => {
    const app = fastify();
    app.addHook("preClose", () => application.close());
    await app.ready();
    const application = await attach(app.server, { components: [Greeter] });
    await app.listen({ port: 0 });
    const client = await connectClient(`${application.url}/ws`);
    await within("the end of fastify", app.close());
    expect((await client.closed()).code).toBe(1001);
  });

  it("listens on both addresses of localhost, and the application with it", async () => {
    const app = fastify();
    await attach(app.server, { components: [Greeter] });
    await app.listen({ port: 0, host: "localhost" });
    for (const { address, family, port } of app.addresses() as AddressInfo[]) {
      const client = await connectClient(`ws://${family === "IPv6" ? `[${address}]` : address}:${port}/ws`);
      client.send("you");
      expect(await client.next()).toBe("hello you");
      await client.close();
    }
    await closeHosts();
    await app.close();
  });
});

describe("NestJS", () => {
  it("may close the application in a hook of its own", async () => {
    class Closing {
      async beforeApplicationShutdown(): Promise<void> {
        await application.close();
      }
    }
    @Module({ providers: [Closing] })
    class Main {}
    const app = await NestFactory.create(Main, { logger: false });
    const application = await attach(app.getHttpServer() as Server, { components: [Greeter] });
    await app.listen(0);
    const client = await connectClient(`${application.url}/ws`);
    await within("the end of Nest", app.close());
    expect((await client.closed()).code).toBe(1001);
  });
});

/** The same host with nothing attached to it. */
async function bare(
  make: () => Host | Promise<Host>,
): Promise<{ readonly host: Host; readonly port: number }> {
  const host = await make();
  await host.listen();
  return { host, port: (host.server.address() as AddressInfo).port };
}

async function ask(
  port: number,
  method: string,
  path: string,
  body: string,
  headers: object,
): Promise<{ readonly status: number | undefined; readonly headers: object; readonly body: string }> {
  const sent = httpRequest({ port, method, path, headers: { ...headers }, agent: false });
  sent.end(body);
  const [response] = (await within("an answer", once(sent, "response"))) as [IncomingMessage];
  const { date: _, ...kept } = response.headers;
  return { status: response.statusCode, headers: kept, body: await wholeText(response) };
}
