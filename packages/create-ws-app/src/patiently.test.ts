import { patiently } from "./patiently";

/** Fails as often as this, and says how often it was tried. */
function failing(times: number, code: string) {
  const tries = { count: 0 };
  const action = () => {
    tries.count += 1;
    if (tries.count <= times) throw Object.assign(new Error(code), { code });
  };
  return { action, tries };
}

test.each(["EPERM", "EBUSY", "EACCES"])("on Windows, what fails with %s is tried again", (code) => {
  const { action, tries } = failing(2, code);
  patiently(action, true);
  expect(tries.count).toBe(3);
});

test("not without end", () => {
  const { action, tries } = failing(100, "EBUSY");
  expect(() => patiently(action, true)).toThrow("EBUSY");
  expect(tries.count).toBe(7);
});

test.each([
  ["ENOENT", true],
  ["EACCES", false],
])("%s, on Windows: %p, is final", (code, onWindows) => {
  const { action, tries } = failing(1, code);
  expect(() => patiently(action, onWindows)).toThrow(code);
  expect(tries.count).toBe(1);
});
