import { BinaryWebSocketHandler, type BinaryMessage, type WebSocketSession } from "@vernal/websocket";
import { startInMemoryApplication, startTestApplication, until, type TestApplication } from "@vernal/testing";

class Echo extends BinaryWebSocketHandler {
  override handleBinaryMessage(session: WebSocketSession, message: BinaryMessage): void {
    void session.sendMessage(message);
  }
}

describe.each([
  ["with a socket", startTestApplication],
  ["without a port", startInMemoryApplication],
])("an application %s", (_name, start: typeof startInMemoryApplication) => {
  let application: TestApplication;
  beforeAll(async () => {
    application = await start({ handlers: { "/ws": new Echo() } });
  });
  afterAll(() => application.close());

  it("shows a client's frames as they stood on the wire, and takes wrong ones", async () => {
    const client = await application.connect("/ws");
    client.sendFrame({ opcode: 2, payload: Buffer.of(1), fin: false });
    client.sendFrame({ opcode: 0, payload: Buffer.of(2) });
    expect(await client.next()).toEqual(Buffer.of(1, 2));
    client.sendFrame({ opcode: 9, payload: "you there?" });
    expect(await client.nextFrame()).toEqual({ fin: true, reserved: 0, opcode: 2, payload: Buffer.of(1, 2) });
    expect(await client.nextFrame()).toMatchObject({ opcode: 10, payload: Buffer.from("you there?") });
    client.sendFrame({ opcode: 2, masked: false });
    expect((await client.nextFrame()).payload.readUInt16BE(0)).toBe(1002);
    expect((await client.closed()).code).toBe(1002);
    expect(client.frames.map(({ opcode }) => opcode)).toEqual([2, 10, 8]);
    await expect(client.nextFrame()).rejects.toMatchObject({ code: "VERNAL_TEST_ENDED" });
  });

  it("has frames of every length", async () => {
    const client = await application.connect("/ws");
    for (const length of [0, 125, 126, 65_535, 65_536]) {
      const payload = Buffer.alloc(length, 7);
      client.sendFrame({ opcode: 2, payload });
      expect(payload.equals(await client.nextBinary())).toBe(true);
      expect(payload.equals((await client.nextFrame()).payload)).toBe(true);
    }
  });

  it("shows compressed frames compressed", async () => {
    await using deflating = await start({ handlers: { "/ws": new Echo() }, perMessageDeflate: true });
    const client = await deflating.connect("/ws", { perMessageDeflate: true });
    const bytes = Buffer.alloc(10_000, 1);
    client.send(bytes);
    expect(await client.next()).toEqual(bytes);
    expect(await client.nextFrame()).toMatchObject({ reserved: 4 });
    expect(client.frames[0]!.payload.length).toBeLessThan(200);
  });

  it("opens connections on which a test says every byte", async () => {
    const raw = await application.openConnection();
    raw.write("GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    expect(await raw.answer()).toMatchObject({ status: 400 });
    await raw.ended();
    expect(() => raw.write("more")).toThrow("[VERNAL_TEST_CLIENT_ENDED]");

    const other = await application.openConnection();
    expect((await other.upgrade("/ws", { Origin: "https://evil.example" })).status).toBe(403);
    const third = await application.openConnection();
    expect((await third.upgrade("/ws", { "sec-websocket-version": undefined })).status).toBe(426);
    const fourth = await application.openConnection();
    expect(await fourth.upgrade("/ws")).toMatchObject({ status: 101, headers: { upgrade: "websocket" } });
    fourth.writeFrame({ opcode: 2, payload: Buffer.of(9) });
    expect(await fourth.nextFrame()).toMatchObject({ opcode: 2, payload: Buffer.of(9) });
    fourth.writeFrame({ opcode: 8, payload: Buffer.of(0x03, 0xe8) });
    expect(await fourth.nextFrame()).toMatchObject({ opcode: 8 });
    await fourth.ended();
    await expect(fourth.nextFrame()).rejects.toMatchObject({
      code: "VERNAL_TEST_ENDED",
      message: expect.stringMatching(
        /an answer with 101\n {2}binary: 1 bytes: 09\n {2}close: 2 bytes: 03 e8/,
      ) as string,
    });
  });

  it("rejects an upgrade on a connection that has ended", async () => {
    const raw = await application.openConnection();
    raw.destroy();
    await raw.ended();
    await expect(raw.upgrade("/ws")).rejects.toMatchObject({ code: "VERNAL_TEST_CLIENT_ENDED" });
    await expect(raw.answer()).rejects.toThrow("Where that end is right, wait for it with ended().");
  });

  it("sees a connection that finishes, is destroyed, is reset", async () => {
    const before = application.stats().closesByCode[1006] ?? 0;
    const [one, other, third] = await Promise.all([1, 2, 3].map(() => application.openConnection()));
    await Promise.all([one, other, third].map((raw) => raw!.upgrade("/ws")));
    one!.finish();
    other!.destroy();
    third!.reset();
    await Promise.all([one, other, third].map((raw) => raw!.ended()));
    await until("the ends", () => (application.stats().closesByCode[1006] ?? 0) === before + 3);
  });
});

it("reads answers that come in chunks, one after the other", async () => {
  await using application = await startTestApplication({
    handlers: { "/ws": new Echo() },
    requestListener: (request, response) => {
      response.write("a ");
      response.end(request.url);
    },
  });
  const raw = await application.openConnection();
  for (const path of ["/one", "/two"]) raw.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  expect(await raw.answer()).toMatchObject({ status: 200, body: "a /one" });
  expect(await raw.answer()).toMatchObject({ status: 200, body: "a /two" });
});

it("says where a frame comes in place of an answer", async () => {
  await using application = await startInMemoryApplication({ handlers: { "/ws": new Echo() } });
  const raw = await application.openConnection();
  await raw.upgrade("/ws");
  const answer = raw.answer();
  raw.writeFrame({ opcode: 2, payload: Buffer.of(9) });
  await expect(answer).rejects.toMatchObject({
    code: "VERNAL_TEST_WRONG_KIND",
    message: expect.stringContaining("3 bytes: 82 01 09, which is no answer of HTTP") as string,
  });
  expect(await raw.nextFrame()).toMatchObject({ payload: Buffer.of(9) });
});
