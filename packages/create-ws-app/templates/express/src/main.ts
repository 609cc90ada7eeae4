import { existsSync } from "node:fs";
import { startServer } from "./server";

// npm passes on what the terminal has sent already: one Ctrl-C is two signals.
const SAME_SIGNAL_MS = 500;

if (existsSync(".env")) process.loadEnvFile();

async function main(): Promise<void> {
  const wanted = process.env["PORT"] ?? "8080";
  if (!/^\d+$/.test(wanted)) {
    throw new Error(`PORT is "${wanted}". Set it to a number, such as 8080, or remove it.`);
  }
  const { port, close } = await startServer(Number(wanted));
  console.log(`Listening on http://localhost:${port}`);
  let closingSince: number | undefined;
  const onSignal = () => {
    if (closingSince === undefined) {
      closingSince = performance.now();
      void close();
    } else if (performance.now() - closingSince > SAME_SIGNAL_MS) {
      // Somebody does not want to wait for the sessions.
      process.exit(1);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, onSignal);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? reasonOf(error) : error);
  process.exitCode = 1;
});

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code !== "EADDRINUSE") return error.message;
  return "The server cannot listen: something listens there already. Stop it, or set another PORT.";
}
