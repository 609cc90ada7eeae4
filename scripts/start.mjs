import { spawn } from "node:child_process";
import { constants } from "node:os";
import { build } from "./build.mjs";
import { root } from "./repository.mjs";
import { setup } from "./setup.mjs";

try {
  console.log("1/3 Setting up");
  await setup();
  console.log("2/3 Building");
  const { ok, output } = await build();
  if (!ok) throw new Error(output);
  console.log("3/3 Starting the chat\n");
  runChat();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function runChat() {
  // In a process group of its own: Ctrl-C in a terminal reaches every process of the group, npm passes
  // it on once more, and the chat takes a second signal as the wish to stop without waiting.
  const chat = spawn(process.execPath, ["apps/chat/dist/main.js"], {
    cwd: root,
    stdio: "inherit",
    detached: process.platform !== "win32",
  });
  chat.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));

  let stoppedAt = 0;
  const stop = (signal) => {
    if (Date.now() - stoppedAt > 500) chat.kill(signal);
    stoppedAt = Date.now();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);

  // A signal sent to npm alone ends the shell between npm and this process, and never arrives here.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event) {
    setInterval(() => {
      if (process.ppid !== parent && stoppedAt === 0) stop("SIGTERM");
    }, 250);
  }
}
