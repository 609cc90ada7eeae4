import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "./build.mjs";
import { pack } from "./pack.mjs";
import { isMain, run, runNode } from "./repository.mjs";
import { setup } from "./setup.mjs";
import { tryOutside, twoAtATime } from "./trials.mjs";

// What each template is asked once it runs, what it answers, and a change of its source with the answer from then on.
const templates = {
  chat: {
    path: "/ws/rooms/lobby",
    handler: "/ws/rooms/{room}",
    says: "{",
    hears: "This is not JSON.",
    change: { file: "src/protocol.ts", from: "This is not JSON.", to: "That is not JSON." },
  },
  minimal: {
    path: "/ws/hello",
    handler: "/ws/hello",
    says: "Ada",
    hears: "Hello, Ada!",
    change: { file: "src/greetings.ts", from: "Hello,", to: "Good day," },
  },
  express: {
    path: "/ws/board",
    handler: "/ws/board",
    says: "Lunch at one",
    hears: "Lunch at one",
    change: { file: "src/board.ts", from: "text.trim()", to: "text.trim().toUpperCase()" },
  },
  "client-and-server": {
    main: "server/dist/main.js",
    path: "/ws/poll",
    handler: "/ws/poll",
    says: '{"type":"withdraw"}',
    hears: "Where shall we have lunch?",
    change: { file: "server/src/poll.ts", from: "lunch", to: "dinner" },
  },
};

const limitMs = 120_000;
const startLimitMs = 20_000;
const restartLimitMs = 5000;
const stopLimitMs = 10_000;

/**
 * Uses `create-ws-app` as its users do: packs the packages, writes a project of each template outside of this repository,
 * with a generated handler and interceptor in it, installs it with npm, and runs every command that it has.
 * `VERNAL_KEEP_SCAFFOLD=1` leaves the projects where they are.
 */
export function scaffold() {
  return tryOutside("scaffold", async (folder, check) => {
    const { ok, tarballs, command } = await check("create-ws-app", (show) => prepare(folder, show));
    if (!ok) return;
    await twoAtATime(Object.entries(templates), ([name, template]) =>
      check(name, (show) => useTemplate(folder, name, template, { tarballs, command, show })),
    );
  });
}

async function prepare(folder, show) {
  const packed = await pack(folder, show);
  if (!packed.ok) return packed;
  show("installing");
  const tool = join(folder, "tool");
  mkdirSync(tool);
  writeFileSync(join(tool, "package.json"), JSON.stringify({ private: true }));
  const args = ["install", packed.tarballs["create-ws-app"], "--no-audit", "--no-fund", "--loglevel=error"];
  const installed = await run("npm", args, { cwd: tool });
  return { ...installed, tarballs: packed.tarballs, command: join(tool, "node_modules/.bin/create-ws-app") };
}

async function useTemplate(folder, name, template, { tarballs, command, show }) {
  const project = join(folder, name);
  const npm = ["install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  const steps = [
    ["writing", () => runNode([command, name, "--template", name, "--no-install"], { cwd: folder })],
    ["generating", () => generate(project, command, template)],
    ["installing", () => (useTarballs(project, tarballs), run("npm", npm, { cwd: project, limitMs }))],
    ["linting", () => run("npm", ["run", "lint"], { cwd: project, limitMs })],
    ["building", () => run("npm", ["run", "build"], { cwd: project, limitMs })],
    ["testing", () => run("npm", ["test"], { cwd: project, limitMs })],
    ["starting", () => startAndStop(project, template)],
    ["developing", () => develop(project, template)],
  ];
  for (const [activity, step] of steps) {
    show(activity);
    try {
      const { ok, output } = await step();
      if (!ok) return { ok, output: `${activity}\n${output}` };
    } catch (error) {
      return { ok: false, output: `${activity}\n${error.message}\n` };
    }
  }
  return { ok: true };
}

async function generate(project, command, { handler }) {
  const wanted = [
    ["handler", "Invoices", "--path", "/ws/invoices/{year}/{number}"],
    ["handler", "Ping"],
    ["interceptor", "Visitor", "--path", handler],
  ];
  for (const args of wanted) {
    const result = await runNode([command, "generate", ...args], { cwd: project });
    if (!result.ok) return result;
  }
  return { ok: true };
}

/** The packages are not published yet when this runs. */
function useTarballs(project, tarballs) {
  for (const folder of ["", "server"]) {
    const file = join(project, folder, "package.json");
    if (!existsSync(file)) continue;
    const manifest = JSON.parse(readFileSync(file, "utf8"));
    for (const dependencies of [manifest.dependencies ?? {}, manifest.devDependencies ?? {}]) {
      for (const name of Object.keys(dependencies)) {
        if (name in tarballs) dependencies[name] = `file:${tarballs[name]}`;
      }
    }
    writeFileSync(file, JSON.stringify(manifest, undefined, 2));
  }
}

async function startAndStop(project, { main = "dist/main.js", path, says, hears }) {
  const server = await Server.start(project, [main]);
  try {
    await server.answers(path, says, hears, startLimitMs);
    const health = () =>
      runNode(["scripts/health.mjs"], { cwd: project, env: { PORT: String(server.port) } });
    if (!(await health()).ok) throw new Error("The health check says that it does not run.");
    const stopped = await server.stop();
    if ((await health()).ok) throw new Error("The health check says that it still runs.");
    return stopped;
  } finally {
    server.kill();
  }
}

/** The application answers, a file is changed, and the application answers with the change. */
async function develop(project, { path, says, hears, change }) {
  const server = await Server.start(project, ["scripts/dev.mjs"]);
  try {
    await server.answers(path, says, hears, startLimitMs);
    const file = join(project, change.file);
    const source = readFileSync(file, "utf8");
    if (!source.includes(change.from)) throw new Error(`${change.file} has no ${change.from} in it.`);
    writeFileSync(file, source.replaceAll(change.from, change.to));
    const { from, to } = change;
    const changed = hears.includes(from) ? hears.replaceAll(from, to) : hears.toUpperCase();
    await server.answers(path, says, changed, restartLimitMs);
    return await server.stop();
  } finally {
    server.kill();
  }
}

/** A process that serves, in a group of its own: what it has started ends with it. */
class Server {
  static async start(project, args) {
    const port = await freePort();
    const env = { ...process.env, PORT: String(port), CHAT_DATABASE: ":memory:" };
    const options = { cwd: project, env, stdio: ["ignore", "pipe", "pipe"], detached: true };
    return new Server(spawn(process.execPath, args, options), port);
  }

  #output = "";

  constructor(child, port) {
    this.child = child;
    this.port = port;
    this.ended = once(child, "exit");
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (this.#output += text));
    }
  }

  /** Asks on new connections until the answer is this one. */
  async answers(path, says, expected, withinMs) {
    const deadline = Date.now() + withinMs;
    let heard;
    do {
      heard = await ask(`ws://localhost:${this.port}${path}`, says);
      if (heard.includes(expected)) return;
      await sleep(50);
    } while (Date.now() < deadline && this.child.exitCode === null);
    throw new Error(`Instead of "${expected}" it said "${heard}" for ${withinMs} ms.\n${this.#output}`);
  }

  async stop() {
    this.child.kill("SIGTERM");
    const timer = setTimeout(() => this.kill(), stopLimitMs);
    const [code, signal] = await this.ended;
    clearTimeout(timer);
    return { ok: code === 0, output: `It ended with ${code ?? signal}.\n${this.#output}` };
  }

  kill() {
    try {
      process.kill(-this.child.pid, "SIGKILL");
    } catch {
      // It is gone.
    }
  }
}

/** Imported when it is called, because the setup may have to install it first. */
async function ask(url, text) {
  const { WebSocket } = await import("ws");
  const socket = new WebSocket(url, { handshakeTimeout: 2000 });
  const signal = AbortSignal.timeout(3000);
  try {
    await once(socket, "open", { signal });
    socket.send(text);
    const [answer] = await once(socket, "message", { signal });
    return answer.toString();
  } catch (error) {
    return error.message;
  } finally {
    socket.on("error", () => undefined).terminate();
  }
}

async function freePort() {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

if (isMain(import.meta.url)) {
  try {
    await setup();
    const built = await build();
    const { ok, output } = built.ok ? await scaffold() : built;
    process.stdout.write(output);
    if (!ok) process.exitCode = 1;
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
