import { Component, WebSocketBroadcaster } from "@vernal/websocket";

/** What everybody sees. Routes and handlers write on the same one. */
@Component()
export class Board {
  #latest: string | undefined;

  constructor(private readonly broadcaster: WebSocketBroadcaster) {}

  get latest(): string | undefined {
    return this.#latest;
  }

  write(text: string): void {
    this.#latest = text.trim();
    this.broadcaster.toPath("/ws/board").send(this.#latest);
  }
}
