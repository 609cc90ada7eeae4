import { avatar, element, MessageLog } from "./message-log.js";

const TYPING_MS = 5000;
const ROOMS = ["lobby", "hiking", "kitchen"];

const stateTexts = {
  connecting: "Connecting…",
  joining: "Joining…",
  open: "Connected",
  waiting: "Reconnecting",
  offline: "Offline",
  stopped: "Disconnected",
};

const byId = (id) => document.getElementById(id);

/** The page: shows what it is told, and tells by callbacks what the visitor does. */
export class View {
  /** Called with the nickname that was entered. */
  onJoin = () => {};
  /** Called with the text. */
  onMessage = () => {};
  onTyping = () => {};
  onLeave = () => {};

  log = new MessageLog();
  #nickname = byId("nickname");
  #text = byId("text");
  #pending = new Map();
  #typingTimer;
  #countdown;

  constructor(room) {
    document.title = `${room} · Vernal chat`;
    for (const place of document.querySelectorAll("[data-room]")) place.textContent = room;
    this.#listRooms(room);
    byId("join-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submitNickname();
    });
    byId("message-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submitText();
    });
    this.#text.addEventListener("keydown", (event) => {
      // While an input method composes a character, Enter belongs to it.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submitText();
    });
    this.#text.addEventListener("input", () => {
      setFieldError(this.#text, "");
      if (this.#text.value.trim() !== "") this.onTyping();
    });
    byId("leave").addEventListener("click", () => this.onLeave());
  }

  /** Asks for a nickname; with an error, proposes another one. */
  showEntry(nickname, error = "") {
    byId("entry").hidden = false;
    byId("chat").hidden = true;
    this.#nickname.value = nickname;
    setFieldError(this.#nickname, error);
    this.#nickname.focus();
    this.#nickname.select();
  }

  showChat(nickname) {
    byId("me").textContent = nickname;
    if (!byId("chat").hidden) return;
    byId("entry-state").textContent = "";
    byId("entry").hidden = true;
    byId("chat").hidden = false;
    this.log.toEnd();
    this.#text.focus();
  }

  showState({ state, reason, retryAt }) {
    clearInterval(this.#countdown);
    const text = reason ? `${stateTexts[state]}. ${reason}` : stateTexts[state];
    byId("state").textContent = text;
    byId("state").parentElement.dataset.state = state;
    byId("entry-state").textContent = state === "stopped" ? reason : text;
    // Beside the status and hidden from screen readers, which would read out every second.
    const tick = () => {
      const seconds = Math.ceil((retryAt - Date.now()) / 1000);
      byId("countdown").textContent = state === "waiting" && seconds > 0 ? `in ${seconds} s` : "";
    };
    tick();
    if (state === "waiting") this.#countdown = setInterval(tick, 1000);
  }

  showOnline(nicknames, me) {
    byId("people-count").textContent = String(nicknames.length);
    byId("online-title").textContent = `Here now (${nicknames.length})`;
    const people = nicknames.map((nickname) => {
      const person = element("li", "person");
      person.append(avatar(nickname), element("span", "", nickname));
      if (nickname === me) person.append(" ", element("span", "you", "you"));
      return person;
    });
    byId("online").replaceChildren(...people);
  }

  /** Shows a message that the server has not confirmed. */
  addPending(requestId, text) {
    const row = element("li", "message own");
    row.append(element("p", "head", "Not sent yet"), element("p", "text", text));
    this.#pending.set(requestId, row);
    byId("pending").append(row);
    byId("pending").hidden = false;
    row.scrollIntoView({ block: "nearest" });
  }

  removePending(requestId) {
    this.#pending.get(requestId)?.remove();
    this.#pending.delete(requestId);
    byId("pending").hidden = this.#pending.size === 0;
  }

  /** Gives a refused message back, unless the visitor has begun another one. */
  returnText(text, error) {
    if (this.#text.value === "") this.#text.value = text;
    setFieldError(this.#text, error);
  }

  showTyping(nickname) {
    clearTimeout(this.#typingTimer);
    byId("typing").textContent = `${nickname} is typing…`;
    this.#typingTimer = setTimeout(() => this.hideTyping(), TYPING_MS);
  }

  hideTyping() {
    byId("typing").textContent = "";
  }

  #submitNickname() {
    const nickname = this.#nickname.value.trim();
    setFieldError(this.#nickname, nickname === "" ? "Please enter a nickname." : "");
    if (nickname === "") this.#nickname.focus();
    else this.onJoin(nickname);
  }

  #submitText() {
    const text = this.#text.value.trim();
    if (text === "") return;
    this.#text.value = "";
    setFieldError(this.#text, "");
    this.onMessage(text);
    this.log.toEnd();
    this.#text.focus();
  }

  #listRooms(current) {
    const rooms = ROOMS.includes(current) ? ROOMS : [...ROOMS, current];
    for (const list of document.querySelectorAll("[data-rooms]")) {
      list.replaceChildren(...rooms.map((room) => roomItem(room, room === current)));
    }
  }
}

function roomItem(room, isCurrent) {
  const link = element("a", "", room);
  link.href = `./?room=${encodeURIComponent(room)}`;
  if (isCurrent) link.ariaCurrent = "page";
  const item = element("li");
  item.append(link);
  return item;
}

function setFieldError(field, error) {
  const [errorId] = field.getAttribute("aria-describedby").split(" ");
  byId(errorId).textContent = error;
  field.ariaInvalid = error === "" ? null : "true";
}
