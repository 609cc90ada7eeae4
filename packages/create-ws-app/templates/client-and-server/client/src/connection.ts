export type ConnectionState =
  | { readonly name: "connecting" | "open" }
  /** Lost; tries again at this time, in milliseconds since 1970. */
  | { readonly name: "waiting"; readonly retryAt: number }
  /** The server does not want this client, and coming back would not change that. */
  | { readonly name: "refused"; readonly reason: string };

export interface ConnectionOptions<Received> {
  readonly url: string | URL;
  readonly onState: (state: ConnectionState) => void;
  readonly onMessage: (message: Received) => void;
  /** The first wait is up to this long, and each further one up to twice as long as the one before. Default: 1000. */
  readonly firstWaitMs?: number;
  /** No wait is longer. Default: 30 000. */
  readonly longestWaitMs?: number;
}

const POLICY_VIOLATION = 1008;

/**
 * A WebSocket that comes back by itself and speaks JSON. It needs no heartbeat: browsers answer the server's pings, and the
 * server ends connections on which none is answered.
 */
export class Connection<Sent, Received> {
  readonly #options: Required<ConnectionOptions<Received>>;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;

  constructor(options: ConnectionOptions<Received>) {
    this.#options = { firstWaitMs: 1000, longestWaitMs: 30_000, ...options };
    this.#connect();
  }

  /** False when there is nobody to send to. */
  send(message: Sent): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Tries now instead of later, where it waits: the network is back, or somebody looks at the page again. */
  hurry(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  /** Ends it, and says nothing more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #connect(): void {
    const { url, onState, onMessage } = this.#options;
    this.#timer = undefined;
    onState({ name: "connecting" });
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      if (socket === this.#socket) onState({ name: "open" });
    });
    socket.addEventListener("message", ({ data }) => {
      if (socket !== this.#socket) return;
      // Only now: a server that accepts and closes at once must not be asked without a pause.
      this.#failures = 0;
      onMessage(JSON.parse(data as string) as Received);
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (socket !== this.#socket) return;
      this.#socket = undefined;
      if (code === POLICY_VIOLATION) onState({ name: "refused", reason });
      else this.#wait();
    });
  }

  #wait(): void {
    // At any time until then: those who lost the same server must not all return at the same moment.
    const delay = Math.random() * longestWait(this.#failures, this.#options);
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#connect(), delay);
    this.#options.onState({ name: "waiting", retryAt: Date.now() + delay });
  }
}

export function longestWait(
  failures: number,
  { firstWaitMs, longestWaitMs }: { readonly firstWaitMs: number; readonly longestWaitMs: number },
): number {
  return Math.min(firstWaitMs * 2 ** failures, longestWaitMs);
}
