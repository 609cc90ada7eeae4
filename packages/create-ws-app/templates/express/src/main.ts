import { existsSync } from "node:fs";
import { startServer } from "./server";

if (existsSync(".env")) process.loadEnvFile();

async function main(): Promise<void> {
  const wanted = process.env["PORT"] ?? "8080";
  if (!/^\d+$/.test(wanted)) {
    throw new Error(`PORT is "${wanted}". Set it to a number, such as 8080, or remove it.`);
  }
  const { port, close } = await startServer(Number(wanted));
  console.log(`Listening on http://localhost:${port}`);
  // Once: a second signal ends the process without waiting for anybody.
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void close());
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
