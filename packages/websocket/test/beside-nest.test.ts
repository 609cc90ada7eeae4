import { Injectable, UseGuards } from "@nestjs/common";
import { Component, TextWebSocketHandler, WebSocketHandler, type TextMessage } from "../src/index";
import { onlyProblemOf } from "./fixtures/problems";
import { closeApplications, startApplication } from "./harness/application";

afterEach(closeApplications);

@Injectable()
class AccountsService {}

@Component()
class Rooms {
  constructor(readonly accounts: AccountsService) {}
}

it("a provider of Nest is asked for, and not made a second time", async () => {
  await expect(onlyProblemOf({ components: [Rooms] })).resolves.toBe(
    "[VERNAL_MISSING_PROVIDER] Rooms needs AccountsService as the first parameter of its constructor, an @Injectable() of " +
      "Nest, and nothing provides it. Hand over the one that Nest has: " +
      "providers: [{ token: AccountsService, useValue: app.get(AccountsService) }].",
  );
  const accounts = new AccountsService();
  const application = await startApplication({
    components: [Rooms],
    providers: [{ token: AccountsService, useValue: accounts }],
  });
  expect(application.get(Rooms).accounts).toBe(accounts);
});

it("a handler may hold a class that Nest has decorated", async () => {
  @UseGuards(class {})
  class RoomsController {}
  @WebSocketHandler("/ws/chat")
  class ChatHandler extends TextWebSocketHandler {
    readonly controller = RoomsController;
  }
  const application = await startApplication({ components: [ChatHandler] });
  expect(application.get(ChatHandler).controller).toBe(RoomsController);
});

it.each([
  ["the class", UseGuards(class {}), undefined],
  ["a method", undefined, UseGuards(class {})],
])(
  "a guard of Nest on %s of a handler is refused, because nobody would ask it",
  async (_, onClass, onMethod) => {
    class ChatHandler extends TextWebSocketHandler {
      override handleTextMessage(_session: unknown, _message: TextMessage): void {}
    }
    const { prototype } = ChatHandler;
    onMethod?.(
      prototype,
      "handleTextMessage",
      Object.getOwnPropertyDescriptor(prototype, "handleTextMessage")!,
    );
    onClass?.(ChatHandler);
    WebSocketHandler("/ws/chat")(ChatHandler);
    await expect(onlyProblemOf({ components: [ChatHandler] })).resolves.toBe(
      "[VERNAL_FOREIGN_DECORATORS] ChatHandler has @UseGuards of Nest, which mean nothing here. Take them away: who gets in " +
        "is decided by a HandshakeInterceptor or a HandshakeHandler, and messages come to handleTextMessage.",
    );
  },
);
