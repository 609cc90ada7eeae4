import { constants } from "node:os";
import { spawn } from "node:child_process";
import { build } from "./build.mjs";
import { root } from "./repository.mjs";
import { setup } from "./setup.mjs";

const args = process.argv.slice(2);

try {
  await setup();
  const { ok, output } = await build();
  if (!ok) throw new Error(output);
  const bench = spawn(process.execPath, [`${root}/apps/bench/dist/main.js`, ...args], { stdio: "inherit" });
  // Ctrl-C in a terminal reaches both; a signal sent to this process alone has to be passed on.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => bench.kill(signal));
  bench.on("exit", (code, signal) => (process.exitCode = code ?? 128 + constants.signals[signal]));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
