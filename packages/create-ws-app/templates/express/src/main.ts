import { existsSync } from "node:fs";
import { startServer } from "./server";

if (existsSync(".env")) process.loadEnvFile();

async function main(): Promise<void> {
  const { port, close } = await startServer(Number(process.env["PORT"] ?? 8080));
  console.log(`Listening on http://localhost:${port}`);
  // Once: a second signal ends the process without waiting for anybody.
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void close());
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
