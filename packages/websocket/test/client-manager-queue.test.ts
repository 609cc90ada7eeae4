import { BinaryMessage, type SendQueueOptions, type WebSocketSession } from "../src/index";
import { gate } from "./harness/gate";
import { acceptNext, endManagers, Managed, texts } from "./harness/managed";
import { RawServer, type RawPeer } from "./harness/raw-server";
import { SessionRecorder } from "./harness/session-recorder";

afterEach(endManagers);

describe("what is sent while there is no connection", () => {
  const away = async (
    queue?: SendQueueOptions,
    recorder?: SessionRecorder,
  ): Promise<{ readonly managed: Managed; readonly comeBack: () => Promise<RawPeer> }> => {
    const server = await RawServer.start();
    const { port, url } = server;
    await server.stop();
    const managed = new Managed(url, { queue }, recorder).start();
    await managed.logged("VERNAL_CANNOT_CONNECT goes on");
    return { managed, comeBack: async () => acceptNext(await RawServer.start({ port })) };
  };

  it("is answered with false, unless a queue is asked for", async () => {
    const { managed } = await away();
    expect(await managed.manager.send("lost")).toBe(false);
  });

  it("is answered with false before the start and after the stop, with a queue too", async () => {
    const managed = new Managed("ws://localhost:1", { queue: {} });
    expect(await managed.manager.send("early")).toBe(false);
    await managed.start().manager.stop();
    expect(await managed.manager.send("late")).toBe(false);
  });

  it("throws for what is no message, in every state", async () => {
    const nothing = {} as string;
    const { managed, comeBack } = await away({});
    expect(() => managed.manager.send(nothing)).toThrow(/VERNAL_INVALID_ARGUMENT/);
    await comeBack();
    await managed.logged("connected");
    expect(() => managed.manager.send(nothing)).toThrow(/VERNAL_INVALID_ARGUMENT/);
    expect(() => new Managed("ws://localhost:1").manager.send(nothing)).toThrow(/VERNAL_INVALID_ARGUMENT/);
  });

  it("is what it was when it was sent, whatever becomes of its bytes", async () => {
    const { managed, comeBack } = await away({});
    const bytes = Buffer.from("one");
    const sent = [managed.manager.send(bytes)];
    bytes.write("two");
    sent.push(managed.manager.send(new BinaryMessage(bytes)));
    bytes.write("xxx");
    const peer = await comeBack();
    expect(await texts(peer, 2)).toEqual(["one", "two"]);
    expect(await Promise.all(sent)).toEqual([true, true]);
  });

  it("goes in its order with the next one, before what is sent then", async () => {
    const { managed, comeBack } = await away({});
    const sent = ["1", "2", "3"].map((each) => managed.manager.send(each));
    const peer = await comeBack();
    await managed.logged("connected");
    const last = managed.manager.send("4");
    expect(await texts(peer, 4)).toEqual(["1", "2", "3", "4"]);
    expect(await Promise.all([...sent, last])).toEqual([true, true, true, true]);
  });

  it("goes after afterConnectionEstablished on each connection, also what is sent while it runs", async () => {
    let { passed, open } = gate();
    class Greeting extends SessionRecorder {
      override async afterConnectionEstablished(session: WebSocketSession<object>): Promise<void> {
        this.log.push("begins");
        await passed;
        await session.sendMessage("login");
      }
    }
    const server = await RawServer.start();
    const managed = new Managed(server.url, { queue: {} }, new Greeting()).start();
    for (const count of [1, 2]) {
      const peer = await acceptNext(server);
      await managed.logged("begins", count);
      void managed.manager.send("1");
      open();
      await managed.logged("connected", count);
      void managed.manager.send("2");
      expect(await texts(peer, 3)).toEqual(["login", "1", "2"]);
      ({ passed, open } = gate());
      await peer.close(1012);
    }
    open();
  });

  it("is bounded", async () => {
    const { managed, comeBack } = await away({ maxMessages: 2, overflow: "drop" });
    const sent = ["1", "2", "3"].map((each) => managed.manager.send(each));
    expect(await sent[0]).toBe(false);
    const peer = await comeBack();
    expect(await texts(peer, 2)).toEqual(["2", "3"]);
    expect(await Promise.all(sent)).toEqual([false, true, true]);
  });

  it("is answered with false when the manager stops, by itself or because it was told to", async () => {
    const { managed, comeBack } = await away({});
    const first = managed.manager.send("1");
    void managed.manager.stop();
    expect(await first).toBe(false);
    managed.start();
    await managed.logged("VERNAL_CANNOT_CONNECT goes on", 2);
    const { passed, open } = gate();
    managed.recorder.afterConnectionEstablished = () => passed;
    const second = managed.manager.send("2");
    const peer = await comeBack();
    await peer.close(1008);
    await managed.logged("1008 stopped");
    expect(await second).toBe(false);
    open();
  });

  it("goes no faster than the server takes it", async () => {
    const { managed, comeBack } = await away({ maxBytes: 8 * 1024 * 1024 });
    const message = Buffer.alloc(60_000, "x");
    const sent = Array.from({ length: 130 }, () => managed.manager.send(message));
    const peer = await comeBack();
    peer.socket.pause();
    await managed.logged("connected");
    expect(managed.manager.session!.bufferedAmount).toBeLessThan(200_000);
    void managed.manager.send("last");
    peer.socket.resume();
    for (let count = 0; count < 130; count += 1) expect((await peer.frame()).payload).toHaveLength(60_000);
    expect(await texts(peer, 1)).toEqual(["last"]);
    expect(new Set(await Promise.all(sent))).toEqual(new Set([true]));
    expect(managed.ends.every(({ status }) => status === undefined)).toBe(true);
  });
});
