import {
  Bean,
  Component,
  Configuration,
  inject,
  InjectLogger,
  TextWebSocketHandler,
  WebSocketHandler,
} from "../src/index";
import { onlyProblemOf } from "./fixtures/problems";

@Component()
class Greetings {}

const textOf = (name: string): string =>
  `[VERNAL_MISPLACED_INJECTION] ${name} has a decorator such as @inject on a field or on a parameter of a method, where ` +
  `nothing is injected. Put it in front of a parameter of the constructor; a bean method names its tokens itself, ` +
  `@Bean(TOKEN, ["name"]).`;

/** The compiler refuses it; compilers that do not look at types let it through. */
const onField = (decorator: ParameterDecorator): PropertyDecorator =>
  decorator as unknown as PropertyDecorator;

it.each([
  ["@inject", onField(inject(Greetings) as ParameterDecorator)],
  ["@InjectLogger", onField(InjectLogger())],
])("%s on a field is reported", async (_, decorator) => {
  @WebSocketHandler("/ws/rooms")
  class RoomHandler extends TextWebSocketHandler {
    @decorator
    greetings!: Greetings;
  }
  await expect(onlyProblemOf({ components: [RoomHandler] })).resolves.toBe(textOf("RoomHandler"));
});

it("is reported of a field that is inherited, beside a constructor that is in order", async () => {
  class Base extends TextWebSocketHandler {
    @onField(inject(Greetings) as ParameterDecorator)
    greetings!: Greetings;
  }
  @WebSocketHandler("/ws/rooms")
  class RoomHandler extends Base {
    constructor(readonly injected: Greetings) {
      super();
    }
  }
  await expect(onlyProblemOf({ components: [RoomHandler] })).resolves.toBe(textOf("RoomHandler"));
});

it("is reported of a parameter of a bean method", async () => {
  @Configuration()
  class ChatConfig {
    @Bean("address")
    address(@inject("host") host: Greetings): string {
      return `${typeof host}`;
    }
  }
  await expect(onlyProblemOf({ components: [Greetings, ChatConfig] })).resolves.toBe(textOf("ChatConfig"));
});
