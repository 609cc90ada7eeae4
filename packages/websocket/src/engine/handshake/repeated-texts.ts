import type { IncomingHttpHeaders } from "node:http";

const MOST_TEXTS = 256;
/** All of them together can hold no more than some tens of kilobytes, whatever peers send. */
const LONGEST_TEXT = 200;

/** Headers that clients of one kind send alike. Not those with secrets, which belong to their sessions alone. */
const REPEATED_HEADERS = [
  "host",
  "connection",
  "upgrade",
  "origin",
  "user-agent",
  "accept-encoding",
  "accept-language",
  "cache-control",
  "pragma",
  "sec-websocket-version",
  "sec-websocket-extensions",
  "sec-fetch-dest",
  "sec-fetch-mode",
  "sec-fetch-site",
  "x-forwarded-proto",
  "x-forwarded-host",
  "x-forwarded-port",
] as const;

/** Keeps texts that come again and again once, and not once per session. */
export class RepeatedTexts {
  readonly #texts = new Map<string, string>();

  /** An equal text: the one that is kept already, if there is one. */
  of(text: string): string {
    if (text.length > LONGEST_TEXT) return text;
    const kept = this.#texts.get(text);
    if (kept !== undefined) return kept;
    if (this.#texts.size >= MOST_TEXTS) this.#texts.clear();
    // A copy: a text that was cut out of a longer one keeps all of that.
    const copy = Buffer.from(text, "latin1").toString("latin1");
    if (copy !== text) return text;
    this.#texts.set(copy, copy);
    return copy;
  }

  /** Puts what is kept in the place of what came, which equals it. */
  replaceIn(headers: IncomingHttpHeaders): void {
    for (const name of REPEATED_HEADERS) {
      const value = headers[name];
      if (typeof value === "string") headers[name] = this.of(value);
    }
  }

  get size(): number {
    return this.#texts.size;
  }
}
