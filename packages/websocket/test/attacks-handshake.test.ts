import { leave, openRaw, upgradeRequest } from "./harness/raw-connection";
import { liveBytes, untilGivenBack } from "./harness/memory";
import { Attacked, closeTargets, Target } from "./harness/target";
import { openResources, untilFreed } from "./harness/resources";
import { until } from "./harness/until";

// Which handshakes are refused with which status: handshake-statuses.test.ts. Those that are torn off:
// handshake-torn.test.ts. Behind an unanswered request: handshake-upgrade-of-others.test.ts.

const MIB = 1024 * 1024;
const KEEPS_ALIVE = "Connection: keep-alive, Upgrade";

/** The status of the answer to a request, whatever the server does with the connection then. */
async function statusOf(target: Target, request: string | Buffer): Promise<number> {
  const attacker = await openRaw(target.port);
  attacker.write(request);
  const { status } = await attacker.answer();
  await leave(attacker);
  return status;
}

/** So many more headers, before those of the handshake or behind them. */
function flooded(
  count: number,
  where: "before" | "behind",
  header = (index: number) => `a${index}:b`,
): string {
  const flood = Array.from({ length: count }, (_, index) => header(index)).join("\r\n");
  const [line, ...rest] = upgradeRequest("/ws").split("\r\n");
  return where === "before"
    ? [line, flood, ...rest].join("\r\n")
    : [line, ...rest.slice(0, -2), flood, "", ""].join("\r\n");
}

afterEach(closeTargets);

describe("a client that takes its time", () => {
  const quick = { headersTimeoutMs: 100 };

  it.each<[what: string, start: string, drop: string]>([
    ["drips its handshake byte by byte", "GET /ws HTTP/1.1\r\nHost: localhost\r\n", "a"],
    ["drips headers that never end", "GET /ws HTTP/1.1\r\nHost: localhost\r\n", "a: b\r\n"],
    ["stops in the middle of the first line", "GET /w", ""],
    ["says nothing at all", "", ""],
  ])("is answered with 408 after headersTimeoutMs when it %s", async (_, start, drop) => {
    const target = await Target.start(new Attacked(), {}, quick);
    const before = openResources();
    const attacker = await openRaw(target.port);
    attacker.write(start);
    const dripping = setInterval(() => attacker.native.write(drop), 20);
    expect((await attacker.answer()).status).toBe(408);
    await until("the end", () => attacker.isEnded);
    clearInterval(dripping);
    await leave(attacker);
    await untilFreed(before);
    await target.expectUnharmed();
    expect(target.stats.openedSessions).toBe(1);
  });
});

describe("a flood of headers", () => {
  it("of 2500 before those of the handshake: 400 or 431", async () => {
    const target = await Target.start(new Attacked());
    // Node keeps the first 1000, so these hide the ones of the handshake: before Node 22 also its Upgrade, and it is a
    // request without a Host.
    expect([400, 431]).toContain(await statusOf(target, flooded(2500, "before")));
    await target.expectUnharmed();
  });

  it.each<[what: string, status: number, request: string]>([
    ["2500 behind those of the handshake", 431, flooded(2500, "behind")],
    ["990 behind those of the handshake", 101, flooded(990, "behind")],
    ["more than 16 KiB", 431, flooded(3, "behind", (index) => `a${index}: ${"b".repeat(6000)}`)],
    ["a path of more than 16 KiB", 431, upgradeRequest(`/ws?${"a".repeat(17_000)}`)],
    [
      "10 000 sub-protocols of one letter",
      431,
      upgradeRequest("/ws", [`Sec-WebSocket-Protocol: ${"a,".repeat(10_000)}a`]),
    ],
    [
      "a sub-protocol of spaces",
      400,
      upgradeRequest("/ws", [`Sec-WebSocket-Protocol: a${" ".repeat(15_000)}b`]),
    ],
    [
      "an extension of spaces",
      400,
      upgradeRequest("/ws", [`Sec-WebSocket-Extensions: a;${" ".repeat(15_000)}b c`]),
    ],
    [
      "an extension that is called __proto__",
      101,
      upgradeRequest("/ws", ["Sec-WebSocket-Extensions: __proto__; constructor=toString"]),
    ],
  ])("of %s: %i", async (_, status, request) => {
    const target = await Target.start(new Attacked());
    expect(await statusOf(target, request)).toBe(status);
    await target.expectUnharmed();
  });
});

describe("a request that hides another one", () => {
  it.each<[what: string, status: number, request: string]>([
    [
      "in its body",
      400,
      `${upgradeRequest("/ws", ["Content-Length: 60", KEEPS_ALIVE])}${upgradeRequest("/echo")}`,
    ],
    [
      "in chunks",
      400,
      `${upgradeRequest("/ws", ["Transfer-Encoding: chunked", KEEPS_ALIVE])}0\r\n\r\n${upgradeRequest("/echo")}`,
    ],
    [
      "in a body whose length stands behind too many headers",
      431,
      `${flooded(1000, "behind").slice(0, -2)}Content-Length: 60\r\n\r\n${upgradeRequest("/echo")}`,
    ],
    ["by two lengths", 400, upgradeRequest("/ws", ["Content-Length: 0", "Transfer-Encoding: chunked"])],
    ["by a bare CR", 400, upgradeRequest("/ws").replace("Upgrade: websocket\r\n", "Upgrade: websocket\r")],
    ["by a folded header", 400, upgradeRequest("/ws", ["X: a\r\n b"])],
    [
      "behind a refusal",
      403,
      `${upgradeRequest("/ws", ["Origin: http://evil.example"])}${upgradeRequest("/echo")}`,
    ],
  ])("%s is refused with %i, and the other one not answered", async (_, status, request) => {
    const target = await Target.start(new Attacked());
    const attacker = await openRaw(target.port);
    attacker.write(request);
    expect((await attacker.answer()).status).toBe(status);
    expect((await leave(attacker)).toString()).not.toContain("HTTP/1.1");
    await target.expectUnharmed();
    expect(target.stats.openedSessions).toBe(1);
  });

  it("as the first frames of a session does not reach a second handshake", async () => {
    const target = await Target.start(new Attacked());
    const attacker = await openRaw(target.port);
    attacker.write(upgradeRequest("/ws") + upgradeRequest("/echo"));
    expect((await attacker.answer()).status).toBe(101);
    // "G" is a frame with a reserved bit.
    expect((await attacker.nextFrame()).payload.readUInt16BE(0)).toBe(1002);
    await leave(attacker);
    await target.expectUnharmed();
    expect(target.handler.statuses.map(({ code }) => code)).toEqual([1002]);
    expect(target.stats.openedSessions).toBe(2);
  });
});

describe("refusals by the hundred", () => {
  it("are counted and hold nothing", async () => {
    const target = await Target.start(new Attacked());
    const before = openResources();
    const foreign = upgradeRequest("/ws", ["Origin: http://evil.example"]);
    const isNull = upgradeRequest("/ws", ["Origin: null"]);
    await statusOf(target, foreign);
    const bytes = liveBytes();
    for (let count = 0; count < 100; count += 1) {
      const statuses = await Promise.all([foreign, isNull].map((request) => statusOf(target, request)));
      expect(statuses).toEqual([403, 403]);
    }
    await untilFreed(before);
    await target.expectUnharmed();
    expect(target.stats.refusalsByStatus).toEqual({ 403: 201 });
    await untilGivenBack(bytes + 5 * MIB);
  });
});
