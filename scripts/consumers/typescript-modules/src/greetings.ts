import { Component } from "@vernal/websocket";

@Component()
export class Greetings {
  count = 0;

  of(name: string): string {
    this.count += 1;
    return `Hello ${name}`;
  }
}
