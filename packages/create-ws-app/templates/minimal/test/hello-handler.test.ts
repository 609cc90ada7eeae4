import { startInMemoryApplication } from "@vernal/testing";
import { HelloHandler } from "../src/handlers/hello-handler";

test("greets by name, in order, and takes text only", async () => {
  await using application = await startInMemoryApplication({ components: [HelloHandler] });
  const client = await application.connect("/ws/hello");
  client.send("Ada");
  client.send("Bob");
  expect(await client.next()).toBe("Hello, Ada!");
  expect(await client.next()).toBe("Hello, Bob!");
  client.send(Buffer.of(1));
  expect((await client.closed()).code).toBe(1003);
});
