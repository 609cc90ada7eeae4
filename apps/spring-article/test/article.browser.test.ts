import { launchBrowser } from "@vernal/visitor";
import { WebSocketApplication } from "@vernal/websocket";
import { pino } from "pino";
import type { Browser } from "playwright-core";
import { applicationOptions } from "../src/application";

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

let browser: Browser;
let application: WebSocketApplication;
let printed: string[];

beforeAll(async () => {
  browser = await launchBrowser();
}, 30_000);

afterAll(() => browser?.close());

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

test("the client of the article opens, says hello and prints the answer", async () => {
  const page = await browser.newPage();
  page.setDefaultTimeout(10_000);
  const consoleLines: string[] = [];
  page.on("console", (message) => consoleLines.push(message.text()));
  await page.goto(`http://localhost:${application.port}/`);
  await page.getByText("서버로부터 받은 메시지: 서버 응답: Hello from client!").waitFor();

  await application.close();
  await page.getByText("WebSocket 연결 종료").waitFor();
  const lines = [
    "WebSocket 연결 열림",
    "서버로부터 받은 메시지: 서버 응답: Hello from client!",
    "WebSocket 연결 종료",
  ];
  expect(consoleLines).toEqual(lines);
  expect(await page.getByRole("log").locator("p").allTextContents()).toEqual(lines);
  expect(printed).toEqual([
    expect.stringMatching(new RegExp(`^클라이언트 연결됨: ${UUID}$`)),
    "받은 메시지: Hello from client!",
    expect.stringMatching(new RegExp(`^클라이언트 연결 종료: ${UUID}$`)),
  ]);
  await page.close();
}, 30_000);
