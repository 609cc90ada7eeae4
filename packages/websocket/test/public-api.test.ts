import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import * as api from "../src/index";
import { readPublicTypes } from "./harness/compile";

const PACKAGE = resolve(__dirname, "..");

it("exports these values", () => {
  expect(Object.keys(api).sort()).toMatchInlineSnapshot(`
    [
      "AbstractWebSocketHandler",
      "Bean",
      "BinaryMessage",
      "BinaryWebSocketHandler",
      "BroadcastRelay",
      "ClassMetadata",
      "CloseSessionError",
      "CloseStatus",
      "Component",
      "Configuration",
      "DiscoveredComponents",
      "EnableWebSocket",
      "HandshakeHeaders",
      "Import",
      "InjectLogger",
      "PingMessage",
      "PongMessage",
      "TextMessage",
      "TextWebSocketHandler",
      "VernalError",
      "WebSocketApplication",
      "WebSocketBroadcaster",
      "WebSocketClient",
      "WebSocketConnectionManager",
      "WebSocketHandler",
      "WebSocketHandlerDecorator",
      "WebSocketSessions",
      "delay",
      "inject",
      "injectAll",
      "injectable",
      "refuse",
    ]
  `);
});

describe("the public types", () => {
  const { exports, anys } = readPublicTypes();

  it("have these names, beside those of the values", () => {
    const names = exports.map(({ name }) => name).filter((name) => !Object.hasOwn(api, name));
    expect(names.sort()).toMatchInlineSnapshot(`
      [
        "AnyClass",
        "ApplicationOptions",
        "ApplicationStats",
        "AskedEachTime",
        "AttachedApplicationOptions",
        "AttributeMap",
        "AttributeValue",
        "Broadcast",
        "BroadcastAction",
        "BroadcastEnvelope",
        "BroadcastTarget",
        "ClassProvider",
        "ClientHandshakeOptions",
        "ClosedBy",
        "ConnectionEnd",
        "ConnectionOptions",
        "Disconnection",
        "ErrorMapper",
        "ExecuteOptions",
        "FactoryProvider",
        "HandlerOf",
        "HandshakeAnswer",
        "HandshakeHandler",
        "HandshakeInterceptor",
        "HandshakeRequest",
        "InjectionToken",
        "InstanceOrClass",
        "Logger",
        "MessageRate",
        "OverflowStrategy",
        "PathVariables",
        "Principal",
        "Provider",
        "ReceiveOnlyCloseCode",
        "ReceiveOnlyCloseStatus",
        "Refusal",
        "RequestListener",
        "SendQueueOptions",
        "Sendable",
        "SessionAttributes",
        "SocketAddress",
        "SubProtocolCapable",
        "Traffic",
        "ValueProvider",
        "WebSocketApplicationOptions",
        "WebSocketClientOptions",
        "WebSocketConfigurer",
        "WebSocketConnectionManagerOptions",
        "WebSocketHandlerDecoratorFactory",
        "WebSocketHandlerOptions",
        "WebSocketHandlerRegistration",
        "WebSocketHandlerRegistry",
        "WebSocketMessage",
        "WebSocketSession",
      ]
    `);
  });

  it("say nowhere any", () => {
    expect(anys).toEqual([]);
  });

  it("have a docstring each, as the values have", () => {
    const bare = exports.filter(({ isOurs, docstring }) => isOurs && docstring.trim() === "");
    expect(bare.map(({ name }) => name)).toEqual([]);
  });
});

describe("the build, installed for an application", () => {
  let folder: string;

  /** The package as npm would lay it out: its manifest, its build, its dependencies, under its name. */
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "vernal-public-api-"));
    const installed = join(folder, "node_modules/@vernal/websocket");
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, "package.json"), readFileSync(join(PACKAGE, "package.json")));
    symlinkSync(join(PACKAGE, "node_modules"), join(installed, "node_modules"));
    const compiler = join(dirname(require.resolve("typescript7/package.json")), "bin/tsc");
    const project = join(PACKAGE, "tsconfig.build.json");
    const { status, stdout } = spawnSync(
      process.execPath,
      [compiler, "-p", project, "--outDir", join(installed, "dist")],
      { encoding: "utf8" },
    );
    expect([stdout, status]).toEqual(["", 0]);
  }, 60_000);

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (name: string, source: string): string => {
    const file = join(folder, name);
    writeFileSync(file, source);
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
      cwd: folder,
      encoding: "utf8",
      timeout: 30_000,
    });
    expect([stderr, status]).toEqual(["", 0]);
    return stdout;
  };

  it("is imported before anything has loaded reflect-metadata, by CommonJS", () => {
    const output = run(
      "main.cjs",
      `
      const before = typeof Reflect.getMetadata;
      const api = require("@vernal/websocket");
      console.log(JSON.stringify([before, typeof Reflect.getMetadata, Object.keys(api).sort()]));
      `,
    );
    expect(JSON.parse(output)).toEqual(["undefined", "function", Object.keys(api).sort()]);
  });

  it("gives an ES module each export by its name, and the same ones", () => {
    const names = Object.keys(api).sort();
    const output = run(
      "main.mjs",
      `
      import { createRequire } from "node:module";
      import { ${names.join(", ")} } from "@vernal/websocket";
      const required = createRequire(import.meta.url)("@vernal/websocket");
      const imported = { ${names.join(", ")} };
      console.log(JSON.stringify(Object.keys(imported).filter((name) => imported[name] === required[name])));
      `,
    );
    expect(JSON.parse(output)).toEqual(names);
  });

  it("has no door beside its entry", () => {
    const output = run(
      "doors.cjs",
      `
      const codes = ["@vernal/websocket/dist/message.js", "@vernal/websocket/engine/logging"].map((path) => {
        try { return require(path); } catch (error) { return error.code; }
      });
      console.log(codes.join(" "), require("@vernal/websocket/package.json").name);
      `,
    );
    expect(output).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED ERR_PACKAGE_PATH_NOT_EXPORTED @vernal/websocket\n");
  });

  it("leaves the process as it was: no output, no listener, nothing that keeps it alive", () => {
    const output = run(
      "quiet.cjs",
      `
      void [process.stdout, process.stderr]; // Handles of Node, made when they are first read.
      const state = () => JSON.stringify([
        process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
        process.getActiveResourcesInfo().sort(),
      ]);
      const before = state();
      require("@vernal/websocket");
      process.exitCode = state() === before ? 0 : 1;
      `,
    );
    expect(output).toBe("");
  });

  it("loads pino-pretty at first use only", () => {
    const output = run(
      "lazy.cjs",
      `
      require("@vernal/websocket");
      console.log(Object.keys(require.cache).filter((file) => file.includes("/pino-pretty/")).length);
      `,
    );
    expect(output).toBe("0\n");
  });

  it("builds and injects a decorated class of compiled code", () => {
    const output = run(
      "app.cjs",
      `
      const { Component, WebSocketApplication, WebSocketBroadcaster } = require("@vernal/websocket");
      class Greeter { constructor(broadcaster) { this.broadcaster = broadcaster; } }
      Component()(Greeter);
      Reflect.defineMetadata("design:paramtypes", [WebSocketBroadcaster], Greeter);
      process.env.LOG_LEVEL = "silent";
      WebSocketApplication.start({ port: 0, components: [Greeter] }).then(async (application) => {
        console.log(application.get(Greeter).broadcaster instanceof WebSocketBroadcaster);
        await application.close();
      });
      `,
    );
    expect(output).toBe("true\n");
  });
});
