import { closeApplications } from "./harness/application";
import { Client } from "./harness/client";
import { Keeper } from "./harness/keeper";
import { serve } from "./harness/serve";
import { until } from "./harness/until";

afterEach(closeApplications);

it("refuses one group more than maxGroupsPerSession, by a throw of join, and goes on", async () => {
  const handler = new Keeper();
  const application = await serve(handler, { maxGroupsPerSession: 2 });
  await Client.connect(`${application.url}/ws`);
  await until("the session", () => handler.sessions.length === 1);
  const session = handler.sessions[0]!;
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
