import type { RawConnection } from "@vernal/testing";
import { TextWebSocketHandler, WebSocketHandler, type WebSocketApplicationOptions } from "../src/index";
import { closeApplications, recordingLogger, startApplication } from "./harness/application";
import { leave, openRaw } from "./harness/raw-connection";
import { answerAndEnd } from "./harness/refusal";
import { until } from "./harness/until";

@WebSocketHandler(["/ws", "/ws/rooms/{room}"])
class Quiet extends TextWebSocketHandler {}

const get = (path: string, ...headers: string[]): string => request("GET", path, ...headers);
const request = (method: string, path: string, ...headers: string[]): string =>
  `${[`${method} ${path} HTTP/1.1`, "Host: localhost", "Connection: close", ...headers].join("\r\n")}\r\n\r\n`;
const start = async (options: WebSocketApplicationOptions = {}): Promise<number> =>
  (await startApplication({ components: [Quiet], ...options })).port;
const listener: WebSocketApplicationOptions["requestListener"] = (asked, response) => {
  response.end(`the page ${asked.method} ${asked.url}`);
};

afterEach(closeApplications);

describe("a plain request for the path of a handler", () => {
  it.each([
    ["GET", get("/ws")],
    ["a pattern", get("/ws/rooms/a?b=c")],
    ["the absolute form", get("http://localhost/ws")],
    ["HEAD", request("HEAD", "/ws")],
    ["POST", `${request("POST", "/ws", "Content-Length: 4")}body`],
    ["an Upgrade without Connection: upgrade", get("/ws", "Upgrade: websocket")],
  ])("is answered with 426 and Upgrade: %s", async (_, text) => {
    const { status, headers } = await answerAndEnd(await start({ requestListener: listener }), text);
    expect({ status, upgrade: headers["upgrade"] }).toEqual({ status: 426, upgrade: "websocket" });
    expect(headers["connection"]).toBe("Upgrade, close");
  });

  it("goes to the requestListener where plainRequests says so", async () => {
    const port = await start({ requestListener: listener, plainRequests: "listener" });
    expect(await answer(port, get("/ws"))).toMatchObject({ status: 200, body: "the page GET /ws" });
  });

  it("is answered with 404 where plainRequests says listener and there is none", async () => {
    const port = await start({ plainRequests: "listener" });
    expect(await answerAndEnd(port, get("/ws"))).toMatchObject({ status: 404 });
  });
});

describe("a plain request for another path", () => {
  it("goes to the requestListener", async () => {
    const port = await start({ requestListener: listener });
    expect(await answer(port, get("/"))).toMatchObject({ status: 200, body: "the page GET /" });
  });

  it.each(["/", "/ws/", "/ws/rooms/%zz"])("is answered with 404 without one: %s", async (path) => {
    expect(await answerAndEnd(await start(), get(path))).toMatchObject({ status: 404, body: "Not found" });
  });
});

describe("a requestListener that fails", () => {
  it.each<[how: string, listener: WebSocketApplicationOptions["requestListener"]]>([
    [
      "throws",
      () => {
        throw new Error("the page is broken");
      },
    ],
    ["rejects", () => Promise.reject(new Error("the page is broken"))],
  ])("and %s gives 500, and one line in the log", async (_, requestListener) => {
    const { logger, lines } = recordingLogger("error");
    const port = await start({ requestListener, logger });
    expect(await answerAndEnd(port, get("/"))).toMatchObject({ status: 500, body: "Internal server error" });
    expect(lines).toMatchObject([{ msg: "requestListener failed", err: { message: "the page is broken" } }]);
  });

  it("after the head has left cuts the connection", async () => {
    const port = await start({
      requestListener: (_, response) => {
        response.writeHead(200, { "Content-Length": 10 }).write("half");
        throw new Error("the page is broken");
      },
    });
    const connection = await openRaw(port);
    connection.write(get("/"));
    await until("the cut", () => connection.isEnded);
    expect((await leave(connection)).toString()).not.toContain("500");
  });
});

async function answer(port: number, text: string): ReturnType<RawConnection["answer"]> {
  const connection = await openRaw(port);
  connection.write(text);
  const given = await connection.answer();
  await leave(connection);
  return given;
}
