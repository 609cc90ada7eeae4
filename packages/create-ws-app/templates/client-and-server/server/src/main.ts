import { existsSync } from "node:fs";
import { join } from "node:path";
import { WebSocketApplication } from "@vernal/websocket";
import { servePage } from "./page";

if (existsSync(".env")) process.loadEnvFile();

const { PORT: port = "8080", HOST: host, PAGE_URL: page } = process.env;
if (/^\d+$/.test(port)) {
  void WebSocketApplication.run({
    port: Number(port),
    // All addresses, if it is not set.
    host,
    scan: [join(__dirname, "handlers")],
    requestListener: servePage(join(__dirname, "../../client/dist")),
  }).then(showPage, () => undefined);
} else {
  console.error(`PORT is "${port}". Set it to a number, such as 8080, or remove it.`);
  process.exitCode = 1;
}

/** While developing, only Vite asks at the address that was just logged; scripts/dev.mjs says which one a browser opens. */
function showPage(): void {
  if (page !== undefined) console.log(`Open ${page}`);
}
