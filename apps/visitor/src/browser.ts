import { chromium, type Browser } from "playwright-core";

/** Starts the Chromium that `npm test` has found. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env["VERNAL_CHROMIUM"];
  if (executablePath === undefined) throw new Error("Set VERNAL_CHROMIUM to the path of a Chromium.");
  return chromium.launch({
    executablePath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
