import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { TLS } from "./tls";
import { within } from "./until";

const GUIDE = resolve(__dirname, "../../../../docs/guides/proxies.md");
/** Another program may take a port between the look and the start. */
const ATTEMPTS = 5;

export interface NginxSettings {
  /** One of the configurations in the guide about proxies. */
  readonly configuration: "plain" | "tls" | "balancer";
  /** Where the application listens. */
  readonly upstreamPort: number;
  /** Where the second one listens that the balancer has. */
  readonly otherUpstreamPort?: number;
  /** What is different from the guide: `[line, other line]`. */
  readonly changes?: readonly (readonly [before: string, after: string])[];
}

/** A real nginx on a free port of 127.0.0.1, configured as the guide says. */
export class Nginx {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(port: number, process: ChildProcess, folder: string) {
    this.port = port;
    this.#process = process;
    this.#folder = folder;
  }

  static async start(settings: NginxSettings): Promise<Nginx> {
    const program = process.env["VERNAL_NGINX"];
    if (program === undefined) throw new Error("Set VERNAL_NGINX to the path of an nginx.");
    const folder = mkdtempSync(join(tmpdir(), "vernal-nginx-"));
    writeFileSync(join(folder, "certificate.pem"), TLS.cert);
    writeFileSync(join(folder, "key.pem"), TLS.key);
    let said = "";
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const port = await freePort();
      const file = join(folder, "nginx.conf");
      writeFileSync(file, configurationFor(settings, port, folder));
      const args = ["-p", folder, "-e", "stderr", "-c", file];
      const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
      child.stderr.on("data", (text: Buffer) => (said += text.toString()));
      if (await within("nginx to listen", listens(port, child))) return new Nginx(port, child, folder);
      if (!said.includes("Address already in use")) break;
    }
    rmSync(folder, { recursive: true });
    throw new Error(`nginx has not started: ${said}`);
  }

  async stop(): Promise<void> {
    const exited = once(this.#process, "exit");
    if (this.#process.exitCode === null && this.#process.kill()) await within("the end of nginx", exited);
    rmSync(this.#folder, { recursive: true });
  }
}

function configurationFor(
  { configuration, upstreamPort, otherUpstreamPort, changes = [] }: NginxSettings,
  port: number,
  folder: string,
): string {
  let server = blockOfGuide(configuration);
  const replace = (before: string, after: string): void => {
    if (!server.includes(before)) throw new Error(`The guide has no line "${before}"`);
    server = server.replace(before, after);
  };
  replace("127.0.0.1:8080;", `127.0.0.1:${upstreamPort};`);
  if (configuration === "balancer") replace("127.0.0.1:8081;", `127.0.0.1:${otherUpstreamPort};`);
  if (configuration !== "tls") {
    replace("listen 80;", `listen 127.0.0.1:${port};`);
  } else {
    replace("listen 443 ssl;", `listen 127.0.0.1:${port} ssl;`);
    replace("/etc/ssl/chat.example.crt", "certificate.pem");
    replace("/etc/ssl/chat.example.key", "key.pem");
  }
  for (const [before, after] of changes) replace(before, after);
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${join(folder, name)};`,
  );
  return `
    daemon off;
    master_process off;
    pid ${join(folder, "nginx.pid")};
    error_log stderr warn;
    events {}
    http {
      access_log off;
      ${paths.join("\n")}
      ${server}
    }`;
}

function blockOfGuide(name: string): string {
  const block = new RegExp(`^\`\`\`nginx file=${name}\n(.*?)^\`\`\``, "ms").exec(readFileSync(GUIDE, "utf8"));
  if (block === null) throw new Error(`The guide has no configuration "${name}"`);
  return block[1]!;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** `false` when the program ends instead. */
async function listens(port: number, child: ChildProcess): Promise<boolean> {
  const exited = once(child, "exit").then(() => "exited");
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    // Rejects where nobody listens yet.
    const connected = once(socket, "connect").then(
      () => "connected",
      () => "refused",
    );
    const result = await Promise.race([exited, connected]);
    socket.destroy();
    if (result !== "refused") return result === "connected";
  }
}
