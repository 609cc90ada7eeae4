import "reflect-metadata";
import * as tsyringe from "tsyringe";

const { delay, inject, injectable } = tsyringe;

// injection-check.ts relies on these; tsyringe does not export them.

test("tsyringe keeps explicit tokens under the key injectionTokens", () => {
  class Target {
    constructor(readonly value: object) {}
  }
  inject("token")(Target, undefined, 0);
  expect(Reflect.getOwnMetadata("injectionTokens", Target)).toEqual({
    0: { token: "token", multiple: false },
  });
});

test("tsyringe writes explicit tokens into the types that the compiler emitted", () => {
  class Target {
    constructor(readonly value: object) {}
  }
  Reflect.defineMetadata("design:paramtypes", [Object], Target);
  inject("token")(Target, undefined, 0);
  injectable()(Target);
  expect(Reflect.getOwnMetadata("design:paramtypes", Target)).toEqual([{ token: "token", multiple: false }]);
});

test("every delay is of one class, which is not exported and unwraps with wrap", () => {
  class Other {}
  const delayed = delay(() => Other);
  expect(delayed.constructor).toBe(delay(() => Object).constructor);
  expect(delayed.constructor.name).toBe("DelayedConstructor");
  expect((delayed as unknown as { wrap(): unknown }).wrap()).toBe(Other);
  expect(tsyringe).not.toHaveProperty("DelayedConstructor");
});
