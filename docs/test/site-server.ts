import { createReadStream, existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";

const types: Record<string, string> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".png": "image/png",
  ".svg": "image/svg+xml",
};

/** Serves the files of a folder as any server of files does, and knows nothing of the site. */
export class SiteServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(folder: string): Promise<SiteServer> {
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://localhost");
      const path = join(folder, decodeURIComponent(pathname.replace(/\/$/, "/index.html")));
      if (!path.startsWith(folder) || !existsSync(path)) {
        response.writeHead(404).end();
        return;
      }
      response.setHeader("Content-Type", types[extname(path)] ?? "application/octet-stream");
      createReadStream(path).pipe(response);
    });
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    return new SiteServer(server);
  }

  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
