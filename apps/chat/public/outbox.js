/**
 * What was said in this tab and not confirmed, in order. Kept with the tab, also over a reload; another tab has its own.
 */
export class Outbox {
  #key;
  #texts;

  constructor(room) {
    this.#key = `outbox:${room}`;
    this.#texts = new Map(JSON.parse(sessionStorage.getItem(this.#key) ?? "[]"));
  }

  get isEmpty() {
    return this.#texts.size === 0;
  }

  /** The name under which the text is said, however often that takes. */
  add(text) {
    const requestId = randomId();
    this.#texts.set(requestId, text);
    this.#store();
    return requestId;
  }

  has(requestId) {
    return this.#texts.has(requestId);
  }

  /** Takes a text out, because it has been answered. */
  take(requestId) {
    const text = this.#texts.get(requestId);
    this.#texts.delete(requestId);
    this.#store();
    return text;
  }

  clear() {
    this.#texts.clear();
    this.#store();
  }

  [Symbol.iterator]() {
    return this.#texts.entries();
  }

  #store() {
    try {
      sessionStorage.setItem(this.#key, JSON.stringify([...this.#texts]));
    } catch {
      // It is full: then the rest is kept for as long as the page.
    }
  }
}

/** Who this tab is, whatever its nickname. */
export function clientId() {
  const known = sessionStorage.getItem("client-id");
  if (known !== null) return known;
  const made = randomId();
  sessionStorage.setItem("client-id", made);
  return made;
}

/** Not `crypto.randomUUID`, which exists on https and localhost only, and not on a phone in the same network. */
export function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
