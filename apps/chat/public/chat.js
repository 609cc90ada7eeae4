import { Connection } from "./connection.js";
import { clientId, Outbox, randomId } from "./outbox.js";
import { View } from "./view.js";

const ANSWER_MS = 10_000;
const TYPING_EVERY_MS = 3000;
const REJOIN_EVERY_MS = 2000;
/** After a reload, when the session of before is closing. */
const REJOIN_AFTER_LOAD_MS = 6000;
/** After a lost connection: the server needs this long to notice that the session of before is dead. */
const REJOIN_AFTER_LOSS_MS = 45_000;

const room = new URLSearchParams(location.search).get("room")?.trim() || "lobby";
const scheme = location.protocol === "https:" ? "wss" : "ws";
const view = new View(room);
const outbox = new Outbox(room);
const connection = new Connection(`${scheme}://${location.host}/ws/rooms/${encodeURIComponent(room)}`);

let nickname = localStorage.getItem("nickname") ?? "";
/** Whether this tab is in the chat: then a reload, another room or a lost connection needs no form. */
let inside = sessionStorage.getItem("inside") === "yes" && nickname !== "";
/** Whether the server has let this connection in. */
let welcome = false;
let joinRequest;
let rejoinUntil = Date.now() + REJOIN_AFTER_LOAD_MS;
let typingUntil = 0;
let answerTimer;

view.onJoin = (entered) => {
  nickname = entered;
  connection.start();
};

view.onMessage = (text) => {
  const requestId = outbox.add(text);
  view.addPending(requestId, text);
  typingUntil = 0;
  if (welcome) sendMessage(requestId, text);
};

view.onTyping = () => {
  if (!welcome || Date.now() < typingUntil) return;
  typingUntil = Date.now() + TYPING_EVERY_MS;
  connection.send({ type: "typing", requestId: randomId() });
};

view.onLeave = () => {
  sessionStorage.removeItem("inside");
  // Whoever comes next in this tab must not say it.
  outbox.clear();
  location.reload();
};

connection.addEventListener("open", join);
connection.addEventListener("message", ({ detail }) => handlers[detail.type]?.(detail));
connection.addEventListener("state", () => {
  if (connection.state !== "open") loseWelcome();
  showState();
  if (connection.state === "stopped") view.showEntry(nickname);
});

const handlers = {
  history(page) {
    showHistory(page);
    expectAnswer();
  },

  welcome(message) {
    nickname = message.nickname;
    inside = welcome = true;
    clearTimeout(answerTimer);
    localStorage.setItem("nickname", nickname);
    sessionStorage.setItem("inside", "yes");
    showState();
    showHistory(message);
    view.showOnline(message.online, nickname);
    view.showChat(nickname);
    for (const [requestId, text] of outbox) sendMessage(requestId, text);
  },

  joined(message) {
    view.showOnline(message.online, nickname);
    view.log.addNotice(`${message.nickname} joined`, message.time);
  },

  left(message) {
    view.showOnline(message.online, nickname);
    view.log.addNotice(`${message.nickname} left`, message.time);
  },

  message(message) {
    view.hideTyping();
    view.log.add(message);
  },

  typing(message) {
    view.showTyping(message.nickname);
  },

  ack({ requestId, id, time }) {
    if (!outbox.has(requestId)) return;
    const text = settle(requestId);
    view.log.add({ id, from: nickname, text, time });
  },

  error({ requestId, code, message }) {
    if (requestId === joinRequest) {
      joinFailed(code, message);
    } else if (outbox.has(requestId)) {
      view.returnText(settle(requestId), message);
    }
  },
};

function join() {
  joinRequest = randomId();
  const { lastId: since } = view.log;
  const request = { type: "join", requestId: joinRequest, clientId: clientId(), nickname, since };
  if (connection.send(request)) expectAnswer();
}

function joinFailed(code, message) {
  clearTimeout(answerTimer);
  if (code !== "nickname-taken") return askAgain(nickname, message);
  // Perhaps it is taken by our own session of before, which the server still believes to be there.
  if (inside && Date.now() < rejoinUntil) setTimeout(() => !welcome && join(), REJOIN_EVERY_MS);
  else askAgain(alternativeTo(nickname), `${message} How about this one?`);
}

function askAgain(proposal, error) {
  inside = false;
  connection.stop();
  view.showEntry(proposal, error);
}

function loseWelcome() {
  if (welcome) rejoinUntil = Date.now() + REJOIN_AFTER_LOSS_MS;
  welcome = false;
  clearTimeout(answerTimer);
}

/** Connected is who has been let in. */
function showState() {
  const { state, reason, retryAt } = connection;
  view.showState({ state: state === "open" && !welcome ? "joining" : state, reason, retryAt });
}

function sendMessage(requestId, text) {
  if (connection.send({ type: "message", requestId, text })) expectAnswer();
}

/** The server has answered: the text is no longer ours to say. */
function settle(requestId) {
  const text = outbox.take(requestId);
  view.removePending(requestId);
  clearTimeout(answerTimer);
  if (!outbox.isEmpty && welcome) expectAnswer();
  return text;
}

function showHistory({ history, gap }) {
  for (const { requestId } of history) if (outbox.has(requestId)) settle(requestId);
  view.log.showHistory(history, nickname, gap);
}

/** A connection on which no answer comes is dead, even if nobody has said so. */
function expectAnswer() {
  clearTimeout(answerTimer);
  answerTimer = setTimeout(() => connection.restart(), ANSWER_MS);
}

/** "Mara" becomes "Mara 2", and that "Mara 3". */
function alternativeTo(name) {
  const [, base, number] = /^(.*?)(?: (\d+))?$/.exec(name);
  const suffix = ` ${Number(number ?? 1) + 1}`;
  return [...base].slice(0, 24 - suffix.length).join("") + suffix;
}

for (const [requestId, text] of outbox) view.addPending(requestId, text);
if (inside) {
  view.showChat(nickname);
  connection.start();
} else {
  view.showEntry(nickname);
}
