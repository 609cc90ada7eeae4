// One command for both sides: Vite serves the page on PORT and shows each change of it, and passes on connections to the
// server, which scripts/dev-server.mjs compiles and restarts.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { parseEnv } from "node:util";

// Read and not loaded: the server reads it anew whenever it restarts, and what is set already would count more.
const settings = existsSync(".env") ? parseEnv(readFileSync(".env", "utf8")) : {};

const port = process.env.PORT ?? settings.PORT ?? "8080";
if (!/^\d+$/.test(port)) {
  console.error(`PORT is "${port}". Set it to a number, such as 8080, or remove it.`);
  process.exit(1);
}
const problem = await problemWith(port);
if (problem !== undefined) {
  console.error(`The page cannot be served on port ${port}: ${problem}.`);
  process.exit(1);
}
const serverPort = await freePort();
const server = { HOST: "127.0.0.1", PORT: serverPort, PAGE_URL: `http://localhost:${port}` };
const programs = [
  run(["scripts/dev-server.mjs", "server"], server),
  run(["node_modules/vite/bin/vite.js", "client"], { PORT: port, SERVER_PORT: serverPort }),
];

// Neither is of use without the other.
const ends = programs.map(async (program) => {
  const [code] = await once(program, "exit");
  end(code ?? 1);
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => end(0));
await Promise.all(ends);

function run(args, env) {
  return spawn(process.execPath, args, { stdio: "inherit", env: { ...process.env, ...env } });
}

/** The first reason counts. */
function end(exitCode) {
  process.exitCode ??= exitCode;
  for (const program of programs) program.kill("SIGTERM");
}

/** Asked before Vite is, which answers with a stack. */
async function problemWith(port) {
  const server = createServer();
  try {
    await once(server.listen(port, "localhost"), "listening");
  } catch ({ code, message }) {
    const taken = "something listens there already. Stop it, or set another PORT";
    return code === "EADDRINUSE" ? taken : message;
  }
  server.close();
  await once(server, "close");
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return String(port);
}
