import { liveBytes } from "../../../test/harness/memory";
import { newSessionId } from "./session-id";

it("is a UUID, and another one each time", () => {
  const ids = Array.from({ length: 100 }, newSessionId);
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(ids).size).toBe(ids.length);
});

it("is kept in one piece", () => {
  const ids = new Array<string>(10_000).fill("");
  const before = liveBytes();
  for (let index = 0; index < ids.length; index += 1) ids[index] = newSessionId();
  expect((liveBytes() - before) / ids.length).toBeLessThan(100);
  expect(ids).not.toContain("");
});
