const FIRST_WINDOW_MS = 1000;
const LONGEST_WINDOW_MS = 30_000;
/** After 1013 the server has asked for time. */
const OVERLOADED_WINDOW_MS = 10_000;

const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;
const RESTARTED = 1012;
const OVERLOADED = 1013;

/**
 * A WebSocket that comes back by itself.
 *
 * Events: `open`; `message` with the parsed JSON as `detail`; `state` whenever `state`, `retryAt` or `reason` changes.
 * `state` is `stopped` (perhaps because of `reason`), `connecting`, `open`, `waiting` (until `retryAt`) or `offline`.
 */
export class Connection extends EventTarget {
  state = "stopped";
  retryAt = 0;
  reason = "";
  #url;
  #socket;
  #timer;
  #failures = 0;

  constructor(url) {
    super();
    this.#url = url;
    addEventListener("offline", () => {
      if (this.state === "waiting") this.#become("offline");
      else this.restart();
    });
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#hurry();
    });
  }

  start() {
    clearTimeout(this.#timer);
    this.#abandon();
    this.reason = "";
    this.#become("connecting");
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    const current = (listener) => (event) => {
      if (socket === this.#socket) listener(event);
    };
    socket.onopen = current(() => {
      this.#become("open");
      this.dispatchEvent(new Event("open"));
    });
    socket.onmessage = current(({ data }) => {
      // Only now: a server that accepts and closes at once must not be asked without a pause.
      this.#failures = 0;
      this.dispatchEvent(new CustomEvent("message", { detail: JSON.parse(data) }));
    });
    socket.onclose = current(({ code, reason }) => this.#closed(code, reason));
  }

  /** False when there is nobody to send to. */
  send(message) {
    // The socket knows of its end before it tells.
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Gives up on a connection that seems dead, and opens another. */
  restart() {
    if (!this.#socket) return;
    this.#abandon();
    this.#wait(FIRST_WINDOW_MS);
  }

  stop(reason = "") {
    clearTimeout(this.#timer);
    this.#abandon();
    this.reason = reason;
    this.#become("stopped");
  }

  #abandon() {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #closed(code, reason) {
    this.#socket = undefined;
    if (code === POLICY_VIOLATION) {
      this.stop(reason);
    } else if (code === GOING_AWAY || code === RESTARTED) {
      this.#failures = 0;
      this.#wait(FIRST_WINDOW_MS);
    } else {
      this.#wait(code === OVERLOADED ? OVERLOADED_WINDOW_MS : 2 * FIRST_WINDOW_MS);
    }
  }

  /** Anywhere in the window, so that those who lost the same server do not return at the same moment. */
  #wait(firstWindow) {
    const window = Math.min(firstWindow * 2 ** this.#failures, LONGEST_WINDOW_MS);
    const delay = Math.random() * window;
    this.#failures += 1;
    this.retryAt = Date.now() + delay;
    clearTimeout(this.#timer);
    // Tries all the same when the browser says "offline": a server on this very machine can still be reached.
    this.#timer = setTimeout(() => this.start(), delay);
    this.#become(navigator.onLine ? "waiting" : "offline");
  }

  #hurry() {
    if (this.state === "waiting" || this.state === "offline") this.start();
  }

  #become(state) {
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}
