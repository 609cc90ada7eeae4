import { once } from "node:events";
import { WebSocketApplication } from "@vernal/websocket";
import { pino } from "pino";
import { WebSocket } from "ws";
import { applicationOptions } from "../src/application";

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

let application: WebSocketApplication;
let printed: string[];

beforeEach(async () => {
  printed = [];
  jest.spyOn(console, "log").mockImplementation((line: string) => void printed.push(line));
  application = await WebSocketApplication.start(
    applicationOptions({ port: 0, logger: pino({ level: "silent" }) }),
  );
});

afterEach(async () => {
  await application.close();
  jest.restoreAllMocks();
});

test("answers, and prints who came, what was said, and who went", async () => {
  const signal = AbortSignal.timeout(5000);
  const socket = new WebSocket(`${application.url}/ws/chat`);
  await once(socket, "open", { signal });
  socket.send("Hello from client!");
  const [answer] = (await once(socket, "message", { signal })) as [Buffer];
  expect(answer.toString()).toBe("서버 응답: Hello from client!");
  socket.close();
  await once(socket, "close", { signal });
  await application.close();

  expect(printed).toEqual([
    expect.stringMatching(new RegExp(`^클라이언트 연결됨: ${UUID}$`)),
    "받은 메시지: Hello from client!",
    expect.stringMatching(new RegExp(`^클라이언트 연결 종료: ${UUID}$`)),
  ]);
  expect(printed[2]?.slice(-36)).toBe(printed[0]?.slice(-36));
});

test("lets every origin in", async () => {
  const signal = AbortSignal.timeout(5000);
  const socket = new WebSocket(`${application.url}/ws/chat`, { origin: "https://elsewhere.example" });
  await once(socket, "open", { signal });
  socket.close();
  await once(socket, "close", { signal });
});
