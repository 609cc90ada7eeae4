import { timingSafeEqual } from "node:crypto";
import { createExampleServer } from "./server";

async function main(): Promise<void> {
  const secret = process.env["SECRET"];
  const password = process.env["PASSWORD"];
  if (!secret || !password) throw new Error("Set SECRET, and the PASSWORD of the one user, ada");
  const accounts = {
    check: (name: string, given: string): boolean => name === "ada" && isSame(given, password),
  };
  const { server, application } = await createExampleServer({ secret, accounts });
  server.listen(Number(process.env["PORT"] ?? 8080), () => console.log(application.url));
  process.once("SIGTERM", () => void application.close().then(() => server.close()));
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

void main();
