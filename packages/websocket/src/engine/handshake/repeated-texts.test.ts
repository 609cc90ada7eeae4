import { liveBytes, untilGivenBack } from "../../../test/harness/memory";
import { RepeatedTexts } from "./repeated-texts";

it("keeps an equal text once", () => {
  const texts = new RepeatedTexts();
  for (const count of [1, 2, 3]) expect(texts.of("websocket")).toBe("websocket".repeat(count).slice(0, 9));
  expect(texts.size).toBe(1);
});

it("keeps a bounded number of texts of a bounded length, whatever comes", () => {
  const texts = new RepeatedTexts();
  for (let index = 0; index < 10_000; index += 1) expect(texts.of(`text ${index}`)).toBe(`text ${index}`);
  expect(texts.size).toBeLessThanOrEqual(256);
  const size = texts.size;
  const long = "x".repeat(10_000);
  expect(texts.of(long)).toBe(long);
  expect(texts.size).toBe(size);
});

it("keeps what clients say of themselves, and nothing that is of one session", () => {
  const texts = new RepeatedTexts();
  const secrets = { cookie: "id=1", authorization: "Bearer 1", "sec-websocket-key": "key", "x-token": "1" };
  const headers = { ...secrets, host: "example.com", "user-agent": "a browser" };
  const before = { ...headers };
  texts.replaceIn(headers);
  expect(headers).toEqual(before);
  expect(texts.size).toBe(2);
});

it("keeps nothing of the longer text that one was cut out of", async () => {
  const texts = new RepeatedTexts();
  const before = liveBytes();
  for (let index = 0; index < 200; index += 1) {
    const line = Buffer.alloc(20_000, `${index} `).toString("latin1");
    texts.of(line.slice(100, 200));
  }
  expect(texts.size).toBe(200);
  await untilGivenBack(before + 200 * 1000);
});
