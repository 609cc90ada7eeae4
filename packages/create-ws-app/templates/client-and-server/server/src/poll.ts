import { Component } from "@vernal/websocket";
import type { PollOption } from "./protocol";

/** The question, and the votes of those who are here. */
@Component()
export class Poll {
  readonly question = "Where shall we have lunch?";
  readonly #names = ["Noodles", "Pizza", "Soup"];
  /** By the id of the voter's session: whoever leaves takes the vote along. */
  readonly #votes = new Map<string, string>();

  get options(): PollOption[] {
    const votes = [...this.#votes.values()];
    return this.#names.map((name) => ({ name, votes: votes.filter((vote) => vote === name).length }));
  }

  /** The last vote of a voter counts. False if there is no such option. */
  vote(voter: string, option: string): boolean {
    if (!this.#names.includes(option)) return false;
    this.#votes.set(voter, option);
    return true;
  }

  withdraw(voter: string): void {
    this.#votes.delete(voter);
  }
}
