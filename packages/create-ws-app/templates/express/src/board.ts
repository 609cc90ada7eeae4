import { Component, WebSocketBroadcaster } from "@vernal/websocket";

/** What everybody sees. Routes and handlers write on the same one. */
@Component()
export class Board {
  #latest: string | undefined;

  constructor(private readonly broadcaster: WebSocketBroadcaster) {}

  get latest(): string | undefined {
    return this.#latest;
  }

  /** False for a blank text, which is not written. */
  write(text: string): boolean {
    const latest = text.trim();
    if (latest === "") return false;
    this.#latest = latest;
    this.broadcaster.toPath("/ws/board").send(latest);
    return true;
  }
}
