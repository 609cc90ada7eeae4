import { Component } from "@vernal/websocket";

/** What handlers need comes in through their constructors. */
@Component()
export class Greetings {
  of(name: string): string {
    return `Hello, ${name}!`;
  }
}
