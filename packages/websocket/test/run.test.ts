import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { connectClient } from "./harness/client";
import { modulesApart, Program } from "./fixtures/program";
import { removeTemporaryFolders } from "./fixtures/temporary-folder";

jest.setTimeout(60_000);

const programs: Program[] = [];

afterEach(() => {
  for (const { child } of programs.splice(0)) child.kill("SIGKILL");
});
afterAll(removeTemporaryFolders);

function run(
  program: string,
  environment: Readonly<Record<string, string>> = {},
  installed?: string,
): Program {
  const started = new Program({ "main.cjs": PRELUDE + program }, environment, installed);
  programs.push(started);
  return started;
}

/** Plain JavaScript: what the compiler makes of decorators is a call. */
const PRELUDE = `
const { Component, TextWebSocketHandler, WebSocketApplication, WebSocketHandler } = require("@vernal/websocket");
class ChatHandler extends TextWebSocketHandler {
  afterConnectionClosed(session, status) { console.log("closed with", status.code); }
}
WebSocketHandler("/ws/chat", { allowedOrigins: ["https://chat.example.com"] })(ChatHandler);
class Database {
  start() { console.log("database started"); }
  async dispose() { await null; console.log("database disposed"); }
}
Component()(Database);
`;

const CHAT = `
void WebSocketApplication.run({ port: 0, components: [ChatHandler, Database] }).then(() => console.log("running"));
`;
const BROKEN = `
class OtherHandler extends TextWebSocketHandler {}
WebSocketHandler("/ws/chat", { maxMessageBytes: 0 })(OtherHandler);
void WebSocketApplication.run({ port: 0, components: [ChatHandler, OtherHandler] });
`;

describe("an application that starts", () => {
  test("prints its endpoints and its address in readable lines", async () => {
    const program = run(CHAT);
    const port = await program.port();
    expect(program.stdout).toMatch(
      /INFO.*: \/ws\/chat -> ChatHandler \(same origin, https:\/\/chat\.example\.com\)/,
    );
    expect(program.stdout).toContain(`listening on http://localhost:${port}`);
    expect(program.stdout).not.toContain("{");
    expect(program.stderr).toBe("");
  });

  test("has loaded nothing that it does not use", async () => {
    const program = run(
      `WebSocketApplication.run({ port: 0, components: [ChatHandler] }).then(() => {
        const optional = /tsyringe|pino-pretty|cookie|engine.client|attached-server|interceptor-chain|boot.scan/;
        console.log("unused:", Object.keys(require.cache).filter((file) => optional.test(file)).join());
      });`,
      { NODE_ENV: "production" },
      modulesApart(),
    );
    const [, unused] = await program.prints(/unused: (.*)\n/);
    expect(unused).toBe("");
  });

  test("has loaded before it listens what its handshakes will ask", async () => {
    const program = run(
      `const interceptors = [{ beforeHandshake: () => undefined }];
      class Asking extends TextWebSocketHandler {}
      WebSocketHandler("/asking", { interceptors })(Asking);
      WebSocketApplication.run({ port: 0, components: [Asking] }).then(() => {
        const loaded = Object.keys(require.cache);
        const names = ["interceptor-chain.js", "upgrade-request.js"];
        console.log("asking:", names.every((name) => loaded.some((file) => file.endsWith(name))));
      });`,
      { NODE_ENV: "production" },
      modulesApart(),
    );
    const [, asking] = await program.prints(/asking: (.*)\n/);
    expect(asking).toBe("true");
  });

  test("writes JSON in production and loads nothing of pino-pretty", async () => {
    const program = run(
      `WebSocketApplication.run({ port: 0, components: [ChatHandler] }).then(() =>
        console.log("pretty:", Object.keys(require.cache).filter((file) => file.includes("pino-pretty")).length));`,
      { NODE_ENV: "production" },
    );
    const [, count] = await program.prints(/pretty: (\d+)/);
    expect(count).toBe("0");
    await program.port();
    const lines = program.stdout.split("\n").filter((line) => line.startsWith("{"));
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      "/ws/chat -> ChatHandler (same origin, https://chat.example.com)",
      expect.stringMatching(/^listening on http:\/\/localhost:\d+$/),
    ]);
  });

  test("loads pino-pretty while developing", async () => {
    const program = run(
      `WebSocketApplication.run({ port: 0, components: [ChatHandler] }).then(() =>
        console.log("pretty:", Object.keys(require.cache).some((file) => file.includes("pino-pretty"))));`,
    );
    const [, loaded] = await program.prints(/pretty: (\w+)/);
    expect(loaded).toBe("true");
  });

  test("is what an awaited run gives", async () => {
    const program = run(`
      (async () => {
        const application = await WebSocketApplication.run({ port: 0, components: [ChatHandler, Database] });
        console.log(application.get(Database) instanceof Database, application.url === "ws://localhost:" + application.port);
        await application.close();
        console.log("end");
      })();
    `);
    await expect(program.ended).resolves.toBe(0);
    expect(program.stdout).toContain("true true");
    expect(program.stdout).toMatch(/database disposed[^]*end/);
  });
});

describe("LOG_LEVEL", () => {
  test("silences what is below it", async () => {
    const program = run(
      `${CHAT} process.once("beforeExit", () => {}); setTimeout(() => {}, 0);
      setInterval(() => console.log("tick"), 100);`,
      { LOG_LEVEL: "warn" },
    );
    await program.prints(/database started/);
    await program.prints(/tick/);
    program.child.kill("SIGTERM");
    await program.prints(/database disposed/);
    expect(program.stdout).not.toContain("listening");
    expect(program.stdout).not.toContain("closing");
  });

  test("is taken in capitals", async () => {
    const program = run(CHAT, { LOG_LEVEL: "ERROR" });
    await program.prints(/running/);
    expect(program.stdout).not.toContain("listening");
  });

  test("falls back to info where it names no level", async () => {
    const program = run(CHAT, { LOG_LEVEL: "nonsense" });
    await expect(program.port()).resolves.toBeGreaterThan(0);
  });
});

describe("an application that cannot start", () => {
  test("prints one report without a stack and exits with 1", async () => {
    const program = run(BROKEN);
    await expect(program.ended).resolves.toBe(1);
    expect(program.stdout).toBe("");
    expect(program.stderr).toMatchInlineSnapshot(`
      "[VERNAL_BOOT_FAILED] The application cannot start: 2 problems.

        1. [VERNAL_OPTION_OUT_OF_RANGE] The option maxMessageBytes of OtherHandler is 0. Give it a whole number from 1 to 1073741824, or leave it out for the default.

        2. [VERNAL_DUPLICATE_PATH] ChatHandler and OtherHandler are both mapped to "/ws/chat". Give one of them another path.

      "
    `);
  });

  test.each([
    [
      "a factory",
      `providers: [{ token: "db", useFactory: () => new Promise(() => {}) }]`,
      'The factory of "db"',
    ],
    ["a start()", "components: [Stuck]", "Stuck.start()"],
  ])("says so when nothing is left that could end the wait for %s", async (_, option, waitingFor) => {
    const program = run(`
      class Stuck { start() { return new Promise(() => {}); } }
      Component()(Stuck);
      void WebSocketApplication.run({ port: 0, ${option} });
    `);
    await expect(program.ended).resolves.toBe(1);
    expect(program.stderr).toContain(
      `[VERNAL_BOOT_STUCK] The start waits for ${waitingFor}, and nothing is left`,
    );
  });

  test("prints the stack too where LOG_LEVEL is debug", async () => {
    const program = run(BROKEN, { LOG_LEVEL: "debug" });
    await expect(program.ended).resolves.toBe(1);
    expect(program.stderr).toContain("[VERNAL_DUPLICATE_PATH] ChatHandler and OtherHandler");
    expect(program.stderr).toMatch(/^ +at .*boot/m);
  });

  test("reports a port in use in the same form, after what was started is disposed", async () => {
    const other = createServer().listen(0);
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const program = run(
      `void WebSocketApplication.run({ port: ${port}, components: [ChatHandler, Database] });`,
    );
    await expect(program.ended).resolves.toBe(1);
    other.close();
    expect(program.stdout).toMatch(/database started\s+database disposed/);
    expect(program.stderr).toContain("[VERNAL_BOOT_FAILED] The application cannot start: 1 problem.");
    expect(program.stderr).toContain(
      `1. [VERNAL_CANNOT_LISTEN] The server cannot listen on *:${port}: something listens there already.`,
    );
    expect(program.stderr).not.toMatch(/^ +at /m);
  });

  test("rejects an awaited run, which may go on", async () => {
    const program = run(`
      (async () => {
        try {
          await WebSocketApplication.run({ port: 0, scan: ["nowhere"] });
        } catch (error) {
          console.log(error.code, error.problems.map(({ code }) => code).join());
        }
      })();
    `);
    await expect(program.ended).resolves.toBe(1);
    expect(program.stdout).toContain("VERNAL_BOOT_FAILED VERNAL_EMPTY_SCAN");
    expect(program.stderr.match(/VERNAL_EMPTY_SCAN/g)).toHaveLength(1);
  });

  test("prints a failing start() and disposes what was started", async () => {
    const program = run(`
      class Broker { start() { throw new Error("no broker at 10.0.0.7"); } }
      Component()(Broker);
      void WebSocketApplication.run({ port: 0, components: [Database, Broker] });
    `);
    await expect(program.ended).resolves.toBe(1);
    expect(program.stdout).toMatch(/database started\s+database disposed/);
    expect(program.stderr).toContain("[VERNAL_START_FAILED] Broker.start() failed: no broker at 10.0.0.7.");
  });
});

describe("a signal", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s ends sessions with 1001 and the process with 0",
    async (signal) => {
      const program = run(CHAT);
      const client = await connectClient(`ws://localhost:${await program.port()}/ws/chat`);
      program.child.kill(signal);
      await expect(client.closed()).resolves.toEqual({ code: 1001, reason: "" });
      await expect(program.ended).resolves.toBe(0);
      expect(program.stdout).toMatch(/closed with 1001[^]*database disposed/);
    },
  );

  test("that comes second cuts with 128 and its number", async () => {
    const program = run(`
      class Stuck { dispose() { console.log("disposing"); setInterval(() => {}, 1000); return new Promise(() => {}); } }
      Component()(Stuck);
      void WebSocketApplication.run({ port: 0, components: [Stuck] }).then(() => console.log("running"));
    `);
    await program.prints(/running/);
    program.child.kill("SIGTERM");
    await program.prints(/disposing/);
    // More than once, because one that follows at once is taken for the same.
    const again = setInterval(() => program.child.kill("SIGTERM"), 50);
    const end = await program.ended;
    clearInterval(again);
    expect(end).toBe(143);
  });

  test("ends also a process that something else keeps, five seconds after the close, and names it", async () => {
    const program = run(`
      const { setTimeout: wait } = globalThis;
      // The five seconds of the process are not those of the test.
      globalThis.setTimeout = (call, ms, ...rest) => wait(call, ms === 5000 ? 50 : ms, ...rest);
      require("node:net").createServer().listen(0);
      void WebSocketApplication.run({ port: 0, components: [Database] }).then(() => console.log("running"));
    `);
    await program.prints(/running/);
    program.child.kill("SIGTERM");
    await expect(program.ended).resolves.toBe(0);
    expect(program.stdout).toMatch(/database disposed[^]*still running after close[^]*TCPServerWrap/);
  });

  test("is not listened for any more once the application has closed, which never ends the process", async () => {
    const program = run(`
      const count = () => process.listenerCount("SIGTERM") + process.listenerCount("SIGINT");
      WebSocketApplication.run({ port: 0, components: [ChatHandler] }).then(async (application) => {
        const before = count();
        process.exitCode = 7;
        await application.close();
        console.log("listeners", before, count());
        setTimeout(() => console.log("still here"), 20);
      });
    `);
    await expect(program.ended).resolves.toBe(7);
    expect(program.stdout).toMatch(/listeners 2 0\s+still here/);
  });

  test("is left alone where the option signals is empty", async () => {
    const program = run(
      `void WebSocketApplication.run({ port: 0, signals: [], components: [ChatHandler] });`,
    );
    await program.port();
    program.child.kill("SIGTERM");
    await expect(program.ended).resolves.toBe("SIGTERM");
  });
});
