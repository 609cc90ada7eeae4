import { startTestApplication } from "@vernal/testing";
import { WebSocketHandler } from "../src/index";
import { Keeper } from "./harness/keeper";

@WebSocketHandler("/application")
class OfTheApplication extends Keeper {}

@WebSocketHandler("/own", { maxMessageBytes: 20 })
class OfItsOwn extends Keeper {}

@WebSocketHandler("/none", { messageRate: false })
class WithoutRate extends Keeper {}

describe("a limit", () => {
  it("is the handler's, else the application's, else the default", async () => {
    await using application = await startTestApplication({
      components: [OfTheApplication, OfItsOwn],
      maxMessageBytes: 10,
    });
    await using other = await startTestApplication({ components: [OfTheApplication] });
    const cases = [
      [application, "/application", 10],
      [application, "/own", 20],
      [other, "/application", 65_536],
    ] as const;
    for (const [served, path, most] of cases) {
      const client = await served.connect(path);
      client.send("x".repeat(most));
      await client.roundTrip();
      client.send("x".repeat(most + 1));
      expect((await client.closed()).code).toBe(1009);
    }
  });

  it("of the application is taken back by a handler with false", async () => {
    await using application = await startTestApplication({
      components: [OfTheApplication, WithoutRate],
      messageRate: { perSecond: 0.001, burst: 2 },
    });
    const limited = await application.connect("/application");
    const free = await application.connect("/none");
    for (let count = 0; count < 5; count += 1) {
      free.send("x");
      if (count < 3) limited.send("x");
    }
    expect((await limited.closed()).code).toBe(1008);
    await free.roundTrip();
  });
});
