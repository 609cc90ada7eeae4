import { startTestApplication } from "@vernal/testing";
import { Component, injectable } from "../src/index";

describe("a class that nobody has decorated", () => {
  class Counter {}

  it("is made for each that it is injected into, and a warning names them", async () => {
    @Component()
    class Lobby {
      constructor(readonly counter: Counter) {}
    }
    @Component()
    class Rooms {
      constructor(readonly counter: Counter) {}
    }
    await using application = await startTestApplication({ components: [Lobby, Rooms] });
    expect(application.get(Lobby).counter).not.toBe(application.get(Rooms).counter);
    expect(application.log).toContainEqual(
      expect.objectContaining({
        level: 40,
        code: "VERNAL_SEPARATE_INSTANCES",
        msg: expect.stringContaining(
          "Counter is no component, and Lobby and Rooms each have one of their own.",
        ) as string,
      }),
    );
  });

  it("is nothing to warn of where one has it, where it is meant, or where somebody provides it", async () => {
    @injectable()
    class Meant {}
    class Provided {}
    @Component()
    class Lobby {
      constructor(
        readonly counter: Counter,
        readonly meant: Meant,
        readonly provided: Provided,
      ) {}
    }
    @Component()
    class Rooms {
      constructor(
        readonly meant: Meant,
        readonly provided: Provided,
      ) {}
    }
    await using application = await startTestApplication({
      components: [Lobby, Rooms],
      providers: [{ token: Provided, useValue: new Provided() }],
    });
    expect(application.get(Lobby).meant).not.toBe(application.get(Rooms).meant);
    expect(application.get(Meant)).toBeInstanceOf(Meant);
    expect(application.get(Meant)).not.toBe(application.get(Meant));
    expect(application.log).not.toContainEqual(
      expect.objectContaining({ code: "VERNAL_SEPARATE_INSTANCES" }),
    );
  });

  it("is nothing that the application has, and no other one is made for whoever asks", async () => {
    @Component()
    class Lobby {
      constructor(readonly counter: Counter) {}
    }
    await using application = await startTestApplication({ components: [Lobby] });
    expect(() => application.get(Counter)).toThrow(
      "[VERNAL_MISSING_PROVIDER] application.get got Counter, and nothing provides it.",
    );
    expect(() => application.get("database")).toThrow(
      'application.get got "database", and nothing provides it.',
    );
  });
});
