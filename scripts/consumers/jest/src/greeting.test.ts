import { once } from "node:events";
import { join } from "node:path";
import { WebSocketApplication } from "@vernal/websocket";
import { WebSocket } from "ws";
import { Greetings } from "./handlers/greeting-handler";

let application: WebSocketApplication;

beforeAll(async () => {
  application = await WebSocketApplication.start({ port: 0, scan: [join(__dirname, "handlers")] });
});

afterAll(() => application.close());

test("the handler found by the scan answers with what was injected", async () => {
  const client = new WebSocket(`${application.url}/ws/greetings`);
  await once(client, "open");
  client.send("Ada");
  const [answer] = (await once(client, "message")) as [Buffer];
  expect(answer.toString()).toBe("Hello Ada");
});

test("the scan and the test see one copy of a class", () => {
  expect(application.get(Greetings).of("Bob")).toBe("Hello Bob");
});
