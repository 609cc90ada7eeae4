const GROUP_MS = 5 * 60_000;
const NEAR_THE_END_PX = 60;

const timeOfDay = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

/** Makes an element. Its text is only ever text. */
export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** The same colour for the same person, wherever it is shown. */
export function avatar(nickname) {
  const made = element("span", "avatar", [...nickname][0].toUpperCase());
  let hue = 0;
  // The golden angle: similar names are far apart on the circle of colours.
  for (const character of nickname) hue = (hue * 31 + character.codePointAt(0) * 137.5) % 360;
  made.style.setProperty("--hue", hue.toFixed());
  made.ariaHidden = "true";
  return made;
}

/** What was said, with who and when. Follows the newest message unless the reader has scrolled up. */
export class MessageLog {
  /** The newest message that was shown; 0 in a room where nothing has been said, `undefined` before it is known. */
  lastId;
  #scroller = document.getElementById("scroller");
  #messages = document.getElementById("messages");
  #empty = document.getElementById("empty");
  #newer = document.getElementById("newer");
  #last = { day: "", from: undefined, time: 0 };
  #atEnd = true;
  #unread = 0;
  #me = "";

  constructor() {
    this.#scroller.addEventListener("scroll", () => {
      const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
      this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR_THE_END_PX;
      if (this.#atEnd) this.#setUnread(0);
    });
    // A keyboard that opens, or a message box that grows, must not hide the last message.
    new ResizeObserver(() => this.#atEnd && this.toEnd()).observe(this.#scroller);
    this.#newer.addEventListener("click", () => {
      this.toEnd();
      this.#scroller.focus({ preventScroll: true });
    });
  }

  /** Starts with what was said before, or adds what was missed, and says so if some of that is no longer kept. */
  showHistory(messages, me, gap) {
    this.#me = me;
    // A screen reader reads out what was missed, but not all of the past.
    if (!this.lastId) this.#scroller.ariaLive = "off";
    if (gap) {
      this.addNotice("Some messages from while you were away are no longer kept", Date.now());
      // The room may have been forgotten, with its ids.
      this.lastId = 0;
    }
    this.lastId ??= 0;
    for (const message of messages) this.add(message);
    this.#empty.hidden = gap || this.#messages.querySelector(".message") !== null;
    setTimeout(() => (this.#scroller.ariaLive = "polite"));
  }

  /** Shows a message, unless it is shown already, or older than what is shown. */
  add({ id, from, text, time }) {
    if (id <= this.lastId) return;
    this.lastId = id;
    this.#empty.hidden = true;
    const own = from === this.#me;
    const at = new Date(time);
    const continues = this.#continues(from, at);
    const row = element("div", `message${own ? " own" : ""}${continues ? " continued" : ""}`);
    const head = element("p", "head");
    head.append(element("span", "from", own ? "You" : from), " ", timeElement(at));
    row.append(head, element("p", "text", text));
    if (!own) row.prepend(avatar(from));
    this.#append(row, at, from, own);
  }

  addNotice(text, time) {
    const at = new Date(time);
    const notice = element("p", "notice", `${text} `);
    notice.append(timeElement(at));
    this.#append(notice, at, undefined, true);
  }

  toEnd() {
    this.#atEnd = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#setUnread(0);
  }

  #append(row, at, from, quiet) {
    const date = at.toDateString();
    if (date !== this.#last.day) this.#messages.append(element("p", "day", day.format(at)));
    this.#last = { day: date, from, time: at.getTime() };
    this.#messages.append(row);
    if (this.#atEnd) this.toEnd();
    else if (!quiet) this.#setUnread(this.#unread + 1);
  }

  #continues(from, at) {
    const { day: lastDay, from: lastFrom, time } = this.#last;
    return from === lastFrom && at.toDateString() === lastDay && at.getTime() - time < GROUP_MS;
  }

  #setUnread(count) {
    this.#unread = count;
    this.#newer.hidden = count === 0;
    this.#newer.textContent = count === 1 ? "1 new message" : `${count} new messages`;
  }
}

function timeElement(at) {
  const made = element("time", "", timeOfDay.format(at));
  made.dateTime = at.toISOString();
  return made;
}
