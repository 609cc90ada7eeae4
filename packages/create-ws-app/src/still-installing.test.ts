import { sayStillInstalling } from "./still-installing";

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test("says after half a minute and then each minute that it goes on, until it has ended", async () => {
  const said: string[] = [];
  let end = (_result: string): void => undefined;
  const installing = new Promise<string>((resolve) => (end = resolve));
  const whole = sayStillInstalling(installing, (line) => said.push(line));
  jest.advanceTimersByTime(29_999);
  expect(said).toEqual([]);
  jest.advanceTimersByTime(90_001);
  expect(said).toEqual([
    "Still installing after 30 s; Ctrl-C leaves a whole project.",
    "Still installing after 1 min; Ctrl-C leaves a whole project.",
    "Still installing after 2 min; Ctrl-C leaves a whole project.",
  ]);
  end("done");
  expect(await whole).toBe("done");
  expect(jest.getTimerCount()).toBe(0);
});

test("nothing goes on after a failure", async () => {
  const failure = new Error("Interrupted");
  await expect(sayStillInstalling(Promise.reject(failure), () => undefined)).rejects.toBe(failure);
  expect(jest.getTimerCount()).toBe(0);
});
