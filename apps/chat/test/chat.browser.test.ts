import { DESKTOP, launchBrowser, PHONE } from "@vernal/visitor";
import type { WebSocketApplication } from "@vernal/websocket";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { ChatClient } from "./chat-client";
import { ChatVisitor } from "./chat-visitor";
import { startSilentChat } from "./silent-chat";

jest.setTimeout(60_000);

let browser: Browser;
let chat: WebSocketApplication;
let visitors: ChatVisitor[];

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser?.close());

beforeEach(async () => {
  visitors = [];
  chat = await startSilentChat();
});

afterEach(async () => {
  const complaints = visitors.flatMap((visitor) => visitor.complaints);
  await Promise.all(visitors.map(({ page }) => page.context().close()));
  await chat.close();
  expect(complaints).toEqual([]);
});

const address = (room = "lobby") => `http://localhost:${chat.port}/?room=${room}`;

async function open(options?: BrowserContextOptions, url = address()): Promise<ChatVisitor> {
  const visitor = await ChatVisitor.open(browser, url, options);
  visitors.push(visitor);
  return visitor;
}

async function enter(nickname: string, options?: BrowserContextOptions): Promise<ChatVisitor> {
  const visitor = await ChatVisitor.enter(browser, address(), nickname, options);
  visitors.push(visitor);
  return visitor;
}

test("two people talk, and a third who comes late sees what was said", async () => {
  const mara = await enter("Mara");
  const jon = await enter("Jon");
  await mara.page.getByRole("log").getByText("Jon joined").waitFor();
  await mara.says("Shall we walk on Saturday?");
  await jon.sees("Shall we walk on Saturday?");
  await jon.says("Yes, early");
  await mara.sees("Yes, early");

  const ann = await enter("Ann");
  await ann.sees("Yes, early");
  expect(await ann.messages()).toEqual(["Shall we walk on Saturday?", "Yes, early"]);
  const people = ann.page.getByRole("region", { name: "Here now (3)" }).getByRole("listitem");
  expect(await people.locator("span:not(.avatar):not(.you)").allTextContents()).toEqual([
    "Mara",
    "Jon",
    "Ann",
  ]);
  expect(await mara.page.locator(".message.own .text").allTextContents()).toEqual([
    "Shall we walk on Saturday?",
  ]);

  await jon.page.close();
  await mara.page.getByRole("log").getByText("Jon left").waitFor();
  await mara.page.getByRole("heading", { name: "Here now (2)" }).waitFor();
});

test("both come back by themselves when the server restarts, with what was said meanwhile", async () => {
  const mara = await enter("Mara");
  const jon = await enter("Jon");
  const { port } = chat;
  await chat.close();
  await Promise.all([mara.seesState("Reconnecting"), jon.seesState("Reconnecting")]);
  await mara.says("Said to nobody");
  await mara.page.getByRole("list", { name: "Not delivered yet" }).getByText("Said to nobody").waitFor();

  chat = await startSilentChat({ port });
  await Promise.all([mara.seesState("Connected"), jon.seesState("Connected")]);
  await jon.sees("Said to nobody");
  await jon.says("I heard you");
  await mara.sees("I heard you");
  expect(await mara.messages()).toEqual(["Said to nobody", "I heard you"]);
  expect(await jon.messages()).toEqual(["Said to nobody", "I heard you"]);
  expect(await mara.page.getByRole("list", { name: "Not delivered yet" }).count()).toBe(0);

  mara.forgetLostConnections();
  jon.forgetLostConnections();
});

test("a lost network is shown, and what is said without it is sent later, once", async () => {
  const mara = await enter("Mara");
  const jon = await enter("Jon");
  await mara.page.context().setOffline(true);
  await mara.seesState("Offline");
  await mara.says("From the tunnel");
  await jon.page.getByRole("log").getByText("Mara left").waitFor();
  await mara.page.context().setOffline(false);
  await mara.seesState("Connected");
  await jon.sees("From the tunnel");
  await mara.says("And out of it");
  await jon.sees("And out of it");
  expect(await jon.messages()).toEqual(["From the tunnel", "And out of it"]);
  expect(await mara.messages()).toEqual(["From the tunnel", "And out of it"]);
  mara.forgetLostConnections();
});

test("who comes back while the session of before still seems to be there gets in when it ends", async () => {
  const mara = await enter("Mara");
  const jon = await enter("Jon");
  await mara.page.context().setOffline(true);
  await jon.page.getByRole("log").getByText("Mara left").waitFor();
  const ghost = await ChatClient.join(chat.url, "lobby", "Mara");
  await mara.page.context().setOffline(false);
  await mara.seesState("Joining");
  ghost.leave();
  await mara.seesState("Connected");
  await mara.says("Back again");
  await jon.sees("Back again");
  mara.forgetLostConnections();
});

test("markup in messages and names stays text", async () => {
  const mara = await enter("<b>Mara</b>");
  const jon = await enter("Jon");
  const script = "<script>document.title = 'broken in'</script>";
  const image = "<img src=x onerror=\"document.title = 'broken in'\">";
  await mara.says(script);
  await mara.says(image);
  await jon.sees(image);
  expect(await jon.messages()).toEqual([script, image]);
  expect(await jon.page.locator(".message .from").allTextContents()).toEqual(["<b>Mara</b>", "<b>Mara</b>"]);
  for (const { page } of [mara, jon]) {
    expect(await page.title()).toBe("lobby · Vernal chat");
    expect(await page.locator(".messages script, .messages img, .messages b").count()).toBe(0);
  }
});

test("a nickname that is taken is said at its field, with another one to take", async () => {
  await enter("Mara");
  const second = await open();
  await second.joinAs("mara");
  const field = second.page.getByLabel("Nickname");
  await second.page.getByRole("alert").getByText("Somebody here is already called mara.").waitFor();
  expect(await field.getAttribute("aria-invalid")).toBe("true");
  expect(await field.inputValue()).toBe("mara 2");
  await field.press("Enter");
  await second.seesState("Connected");
  await second.page.reload();
  await second.seesState("Connected");
  expect(await second.page.locator("#me").textContent()).toBe("mara 2");
});

test("why a room is refused is said, and another one can be taken", async () => {
  const mara = await open({}, address("no%20such%20room"));
  await mara.joinAs("Mara");
  await mara.seesState("A room's name has 1 to 40 letters, digits, - or _.");
  await mara.page.getByRole("link", { name: "lobby" }).click();
  await mara.joinAs("Mara");
  await mara.seesState("Connected");
});

test("the keyboard is enough", async () => {
  const mara = await open();
  const { keyboard } = mara.page;
  await keyboard.type("Mara");
  await keyboard.press("Enter");
  await mara.seesState("Connected");
  await keyboard.type("First line");
  await keyboard.press("Shift+Enter");
  await keyboard.type("second line");
  await keyboard.press("Enter");
  await mara.sees("First line second line");
  expect(await mara.messages()).toEqual(["First line\nsecond line"]);
  await keyboard.type("And on");
  await keyboard.press("Tab");
  await keyboard.press("Space");
  await mara.sees("And on");
});

test("new messages are counted for who has scrolled up", async () => {
  const mara = await enter("Mara");
  const jon = await enter("Jon");
  for (let number = 1; number <= 20; number += 1) await jon.says(`Message ${number}`);
  await mara.sees("Message 20");
  await mara.page.getByRole("log").focus();
  await mara.page.keyboard.press("Home");
  await mara.page.waitForFunction(() => document.getElementById("scroller")?.scrollTop === 0);
  await jon.says("One");
  await jon.says("Two");
  const newer = mara.page.getByRole("button", { name: "2 new messages" });
  await newer.click();
  await newer.waitFor({ state: "hidden" });
  const below = await mara.page
    .getByRole("log")
    .evaluate((log) => log.scrollHeight - log.clientHeight - log.scrollTop);
  expect(below).toBeLessThan(2);
});

describe.each([
  ["desktop", DESKTOP],
  ["phone", PHONE],
])("axe on a %s", (_, viewport) => {
  test.each(["light", "dark"] as const)("finds nothing in %s colours", async (colorScheme) => {
    const options = { viewport, colorScheme, bypassCSP: true };
    const mara = await open(options);
    await mara.page.getByRole("button", { name: "Join" }).click();
    await mara.page.getByRole("alert").getByText("Please enter a nickname.").waitFor();
    expect(await mara.barriers()).toEqual([]);

    await mara.joinAs("Mara");
    await mara.seesState("Connected");
    expect(await mara.barriers()).toEqual([]);
    const jon = await enter("Jon");
    await jon.says("Hello");
    await jon.says("Anybody here?");
    await mara.sees("Anybody here?");
    await mara.says("I am");
    await mara.sees("I am");
    expect(await mara.barriers()).toEqual([]);
    expect(await mara.page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);

    if (viewport === PHONE) {
      await mara.page.getByRole("button", { name: "Show people and rooms" }).click();
      await mara.page.getByRole("heading", { name: "Here now (2)" }).waitFor();
      expect(await mara.barriers()).toEqual([]);
      await mara.page.getByRole("button", { name: "Close" }).click();
    }
    await mara.page.context().setOffline(true);
    await mara.seesState("Offline");
    await mara.says("Later");
    expect(await mara.barriers()).toEqual([]);
    mara.forgetLostConnections();
  });
});
