import { once } from "node:events";
import { startInMemoryApplication } from "@vernal/testing";
import { WebSocket } from "ws";
import { Board } from "../src/board";
import { BoardHandler } from "../src/handlers/board-handler";
import { startServer, type RunningServer } from "../src/server";

// What it logs is not what is tested.
process.env["LOG_LEVEL"] = "silent";

let server: RunningServer;

beforeEach(async () => {
  server = await startServer(0);
});

afterEach(() => server.close());

const post = (body: string, type = "application/json") =>
  fetch(`http://localhost:${server.port}/api/board`, {
    method: "POST",
    headers: { "Content-Type": type },
    body,
  });

test("what a route writes, the sessions hear", async () => {
  const signal = AbortSignal.timeout(5000);
  const socket = new WebSocket(`ws://localhost:${server.port}/ws/board`);
  await once(socket, "open", { signal });
  const message = once(socket, "message", { signal });
  expect((await post('{"text":" Lunch at one "}')).status).toBe(204);
  const [text] = (await message) as [Buffer];
  expect(text.toString()).toBe("Lunch at one");
});

test.each(['{"text":"  "}', '{"text":7}', "{}", "[]", ""])("%s is refused by the route", async (body) => {
  expect((await post(body)).status).toBe(400);
});

test.each(["text/plain", "application/x-www-form-urlencoded"])(
  "%s, which pages of other origins may send, is refused",
  async (type) => {
    expect((await post('{"text":"Lunch at one"}', type)).status).toBe(400);
  },
);

test("what is no JSON is answered with a short text, and is one line of the log without it", async () => {
  const log = jest.spyOn(console, "warn").mockImplementation();
  try {
    const response = await post('{"text": \u001b[31m');
    expect([response.status, response.headers.get("content-type")]).toEqual([
      400,
      "text/plain; charset=utf-8",
    ]);
    expect(await response.text()).toBe("This is not JSON.");
    expect(log.mock.calls).toEqual([["POST /api/board was answered with 400 entity.parse.failed"]]);
  } finally {
    log.mockRestore();
  }
});

test("a fault of a route is answered without what is inside of here", async () => {
  const log = jest.spyOn(console, "error").mockImplementation();
  const fault = new Error("The secret is 7.");
  const write = jest.spyOn(Board.prototype, "write").mockImplementation(() => {
    throw fault;
  });
  try {
    const response = await post('{"text":"Lunch at one"}');
    expect([response.status, await response.text()]).toEqual([500, "Internal Server Error"]);
    expect(log.mock.calls).toEqual([[fault]]);
  } finally {
    write.mockRestore();
    log.mockRestore();
  }
});

test("the page is there", async () => {
  const page = await fetch(`http://localhost:${server.port}/`);
  expect(await page.text()).toContain("page.js");
});

test("what one session writes, the others hear, and who comes later", async () => {
  await using application = await startInMemoryApplication({ components: [BoardHandler] });
  const [ada, bob] = [await application.connect("/ws/board"), await application.connect("/ws/board")];
  ada.send("  ");
  ada.send("Dinner at eight");
  expect(await ada.next()).toBe("Dinner at eight");
  expect(await bob.next()).toBe("Dinner at eight");
  const late = await application.connect("/ws/board");
  expect(await late.next()).toBe("Dinner at eight");
});
