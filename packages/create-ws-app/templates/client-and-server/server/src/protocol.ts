// What the page and the server say to each other, one JSON object per message. The page imports these types: where one
// side says what the other does not expect, neither compiles.

export type ClientMessage =
  { readonly type: "vote"; readonly option: string } | { readonly type: "withdraw" };

export interface PollOption {
  readonly name: string;
  readonly votes: number;
}

export type ServerMessage =
  | {
      readonly type: "poll";
      readonly question: string;
      readonly options: readonly PollOption[];
      /** How many have the page open. */
      readonly people: number;
    }
  | { readonly type: "refused"; readonly reason: string };

/** Reads what arrived, which can be anything: not only our page can connect. */
export function readClientMessage(text: string): ClientMessage | undefined {
  const content = parse(text);
  if (typeof content !== "object" || content === null || !("type" in content)) return undefined;
  switch (content.type) {
    case "vote":
      return "option" in content && typeof content.option === "string"
        ? { type: "vote", option: content.option }
        : undefined;
    case "withdraw":
      return { type: "withdraw" };
    default:
      return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
