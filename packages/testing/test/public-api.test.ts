import * as api from "@vernal/testing";
import { InstalledPackages } from "./fixtures/installed-packages";
import { readPublicTypes } from "./fixtures/public-types";

describe("the public types", () => {
  const { names, undocumented, anys } = readPublicTypes();

  it("have these names", () => {
    expect(names.filter((name) => Object.hasOwn(api, name)).sort()).toMatchInlineSnapshot(`
      [
        "RawConnection",
        "RecordingBroadcaster",
        "RecordingSession",
        "TestApplication",
        "TestClient",
        "broadcastRelayContract",
        "connectTestClient",
        "encodeRawFrame",
        "handshakeHandlerContract",
        "registerContract",
        "startInMemoryApplication",
        "startTestApplication",
        "until",
      ]
    `);
    expect(names.filter((name) => !Object.hasOwn(api, name)).sort()).toMatchInlineSnapshot(`
      [
        "AcceptedRequest",
        "BroadcastRelaySubject",
        "ConnectOptions",
        "ContractCase",
        "ContractRequest",
        "FailingCall",
        "HandshakeHandlerSubject",
        "HttpAnswer",
        "LogLine",
        "RawFrame",
        "RawFrameOptions",
        "RecordedBroadcast",
        "RecordedTarget",
        "RecordingSessionOptions",
        "RecordingSessionOptionsWith",
        "RefusedRequest",
        "StartInMemoryApplicationOptions",
        "StartTestApplicationOptions",
        "TestOptions",
        "TestRunner",
        "WaitOptions",
      ]
    `);
  });

  it("say nowhere any", () => {
    expect(anys).toEqual([]);
  });

  it("have a docstring each, with their members", () => {
    expect(undocumented).toEqual([]);
  });
});

describe("the package, installed for an application", () => {
  let installed: InstalledPackages;
  beforeAll(() => (installed = new InstalledPackages()), 60_000);
  afterAll(() => installed.remove());

  it("gives an ES module each export by its name, and the same ones", () => {
    const names = Object.keys(api).sort();
    const output = installed.run(
      "main.mjs",
      `
      import { createRequire } from "node:module";
      import { ${names.join(", ")} } from "@vernal/testing";
      const required = createRequire(import.meta.url)("@vernal/testing");
      const imported = { ${names.join(", ")} };
      console.log(JSON.stringify(Object.keys(imported).filter((name) => imported[name] === required[name])));
      `,
    );
    expect(JSON.parse(output)).toEqual(names);
  });

  it("has no door beside its entry", () => {
    const output = installed.run(
      "doors.cjs",
      `try { require("@vernal/testing/dist/dial.js"); } catch (error) { console.log(error.code); }`,
    );
    expect(output).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED\n");
  });

  it.each(["startTestApplication", "startInMemoryApplication"])(
    "lets a process end by itself after the application of %s was closed, whatever was still going on",
    (start) => {
      const output = installed.run(
        `${start}.cjs`,
        `
        const { TextWebSocketHandler } = require("@vernal/websocket");
        const { ${start} } = require("@vernal/testing");
        class Echo extends TextWebSocketHandler {
          handleTextMessage(session, message) {
            if (message.payload === "wait") return new Promise(() => {});
            void session.sendMessage(message);
          }
        }
        async function main() {
          const application = await ${start}({ handlers: { "/ws": new Echo() } });
          const client = await application.connect("/ws");
          client.send("x");
          console.log(await client.next());
          console.log(await client.next({ timeoutMs: 5 }).catch(({ code }) => code));
          const paused = await application.connect("/ws");
          paused.pause();
          const busy = await application.connect("/ws");
          const raw = await application.openConnection();
          await raw.upgrade("/ws");
          raw.nextFrame({ timeoutMs: 60000 }).catch(({ code }) => console.log("raw", code));
          client.next({ timeoutMs: 60000 }).catch(({ code }) => console.log("client", code));
          await application.close();
          console.log(String(await busy.closed()));
        }
        void main();
        `,
      );
      expect(output.split("\n").slice(0, 2)).toEqual(["x", "VERNAL_TEST_TIMEOUT"]);
      expect(output.split("\n").slice(2).sort()).toEqual([
        "",
        "1001",
        "client VERNAL_TEST_ENDED",
        "raw VERNAL_TEST_ENDED",
      ]);
    },
  );

  it("leaves no rejection to nobody and nothing open, whatever the subject of a contract does", () => {
    const output = installed.run(
      "contracts.cjs",
      `
      const { BroadcastRelay } = require("@vernal/websocket");
      const { broadcastRelayContract, handshakeHandlerContract } = require("@vernal/testing");
      const never = () => new Promise(() => {});
      const fail = () => Promise.reject(new Error("no"));
      const late = () => new Promise((resolve, reject) => setTimeout(reject, 40, new Error("late")));
      const relay = (parts) => () => Object.assign(new (class extends BroadcastRelay {})(), {
        start() {}, publish() {}, dispose() {}, ...parts,
      });
      const ways = [never, fail, late];
      const suites = [
        ...ways.flatMap((way) => [
          ...["start", "publish", "dispose"].map((name) => ({ create: relay({ [name]: way }) })),
          { create: way },
          { create: relay({ publish: fail }), dispose: way },
        ]).map((subject) => broadcastRelayContract({ ...subject, timeoutMs: 20 })),
        ...ways.flatMap((way) => [
          ...["determineUser", "selectProtocol"].map((name) => ({ create: () => ({ [name]: way }) })),
          ...["create", "accepted", "refused", "dispose"].map((name) => ({ create: () => ({}), [name]: way })),
        ]).map((subject) => handshakeHandlerContract({ ...subject, timeoutMs: 20 })),
      ];
      async function main() {
        let broken = 0;
        for (const { run } of suites.flat()) await run().catch(() => (broken += 1));
        console.log(broken > suites.length);
      }
      void main();
      `,
    );
    expect(output).toBe("true\n");
  });

  it("does not open a port for an application in memory, nor holds the process", () => {
    const output = installed.run(
      "memory.cjs",
      `
      const { TextWebSocketHandler } = require("@vernal/websocket");
      const { startInMemoryApplication } = require("@vernal/testing");
      class Idle extends TextWebSocketHandler {}
      startInMemoryApplication({ handlers: { "/ws": new Idle() } }).then(async (application) => {
        await application.connect("/ws");
        const kinds = process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout|Pipe/.test(kind));
        console.log(kinds.filter((kind) => kind !== "PipeWrap").join() || "nothing");
      });
      `,
    );
    expect(output).toBe("nothing\n");
  });
});
