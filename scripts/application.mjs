import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const stopLimitMs = 10_000;
// The code of a close frame, 1001; no text has these bytes in it.
const goingAway = Buffer.from([0x03, 0xe9]);

/** A project that runs, in a process group of its own: what it has started ends with it. */
export class Application {
  static async start(project, [program, ...args]) {
    const port = await freePort();
    const env = { ...process.env, PORT: String(port), CHAT_DATABASE: ":memory:" };
    const options = { cwd: project, env, stdio: ["ignore", "pipe", "pipe"], detached: true };
    return new Application(spawn(program, args, options), port);
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

  /** Does not answer this in time. */
  async isSilent(path, says) {
    const heard = await ask(`ws://localhost:${this.port}${path}`, says);
    if (!heard.includes("aborted")) throw new Error(`It answers "${says}" with "${heard}".\n${this.#output}`);
  }

  /** Its page, wherever that comes from, has this text. */
  async shows(text) {
    const page = await (await fetch(`http://localhost:${this.port}/`)).text();
    if (!page.includes(text)) throw new Error(`The page has no "${text}": ${page}`);
  }

  /** The last address in its output is the one to open. */
  hasNamedItsAddressLast() {
    const last = this.#output.match(/http:\/\/[\w.:]+/g)?.at(-1);
    const address = `http://localhost:${this.port}`;
    if (last !== address) throw new Error(`The last address is ${last}, not ${address}.\n${this.#output}`);
  }

  stop() {
    this.child.kill("SIGTERM");
    return this.#end();
  }

  /** One Ctrl-C under a package manager that passes it on is two signals. The second one cuts nobody off. */
  async interrupt(path) {
    const headers = {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    const request = get({ port: this.port, path, headers });
    const [, socket] = await once(request, "upgrade");
    // Unlike a client, this does not answer the close frame before the second signal is there.
    const told = new Promise((resolve) => {
      socket.on("data", (frames) => frames.includes(goingAway) && resolve(true));
      socket.on("close", () => resolve(false));
    });
    this.child.kill("SIGINT");
    if (!(await told)) throw new Error(`A session was cut, and not told.\n${this.#output}`);
    this.child.kill("SIGINT");
    socket.destroy();
    return this.#end();
  }

  async #end() {
    const timer = setTimeout(() => this.kill(), stopLimitMs);
    const [code, signal] = await this.ended;
    clearTimeout(timer);
    const rest = this.kill() ? "Something that it has started goes on.\n" : "";
    const output = `It ended with ${code ?? signal}.\n${rest}${this.#output}`;
    return { ok: code === 0 && rest === "", output };
  }

  /** Whether there was anything left to kill. */
  kill() {
    try {
      return process.kill(-this.child.pid, "SIGKILL");
    } catch {
      return false;
    }
  }
}

/** What a script of the project runs, without the package manager, which has an exit code of its own. */
export function programOf(project, script) {
  const { scripts } = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
  const [node, ...args] = scripts[script].split(" ");
  if (node !== "node") throw new Error(`The script ${script} is no program of Node: ${scripts[script]}`);
  return [process.execPath, ...args];
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
