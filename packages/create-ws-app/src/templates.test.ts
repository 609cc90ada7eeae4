import { findTemplate } from "./templates";

test("a template that is not there is refused with those that are", () => {
  expect(findTemplate("minimal").name).toBe("minimal");
  expect(() => findTemplate("nope")).toThrow(/^There is no template "nope"; there are .*minimal/);
});
