import { startTestApplication } from "@vernal/testing";
import { Keeper } from "./harness/keeper";

it("refuses one group more than maxGroupsPerSession, by a throw of join, and goes on", async () => {
  await using application = await startTestApplication({
    handlers: { "/ws": new Keeper() },
    maxGroupsPerSession: 2,
  });
  const session = application.sessionOf(await application.connect("/ws"));
  session.join("a");
  session.join("b");
  session.join("b");
  expect(() => session.join("c\n")).toThrow(/^\[VERNAL_TOO_MANY_GROUPS\] .*"c\\n"/);
  expect([...session.groups]).toEqual(["a", "b"]);
  session.leave("a");
  session.join("c");
  expect([...session.groups]).toEqual(["b", "c"]);
  expect(application.stats().limits).toEqual({ maxGroupsPerSession: 1 });
});
