import "./style.css";
import { Ballot } from "./ballot";
import { Connection } from "./connection";
import { PollPage } from "./poll-page";
import type { ClientMessage, ServerMessage } from "./protocol";

// Kept for this tab, so that it survives a reload.
const KEY = "vote";

// Of the server that the page is from, whether that is the built one or Vite.
const url = new URL("/ws/poll", location.href);
url.protocol = url.protocol.replace("http", "ws");

const ballot = new Ballot((message) => connection.send(message), sessionStorage.getItem(KEY) ?? undefined);

const page = new PollPage({
  onVote: (option) => {
    ballot.choose(option);
    showChoice();
  },
  onWithdraw: () => {
    ballot.withdraw();
    showChoice();
  },
});

const connection = new Connection<ClientMessage, ServerMessage>({
  url,
  // While developing, the server is back in a second.
  longestWaitMs: import.meta.env.DEV ? 1000 : 30_000,
  onState: (state) => {
    if (state.name === "open") ballot.renew();
    page.showState(state);
  },
  onMessage: (message) => {
    ballot.read(message);
    page.show(message);
    showChoice();
  },
});

addEventListener("online", () => connection.hurry());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") connection.hurry();
});

function showChoice(): void {
  const { choice } = ballot;
  if (choice === undefined) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, choice);
  page.showChoice(choice);
}
