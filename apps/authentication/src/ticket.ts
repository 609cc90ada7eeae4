import {
  Component,
  refuse,
  WebSocketHandler,
  type HandshakeHandler,
  type HandshakeRequest,
  type Principal,
  type Refusal,
} from "@vernal/websocket";
import { Greeter } from "./greeter";
import { Tokens } from "./tokens";

/** Long enough to open a socket, short enough that one found in a log opens nothing. */
const TICKET_SECONDS = 30;

/** Tokens that are good for one handshake, soon. */
@Component()
export class Tickets {
  /** The tickets that were used and have not expired, oldest first. Several processes need a store that they share. */
  readonly #used = new Map<string, Date>();

  constructor(private readonly tokens: Tokens) {}

  /** @param loginUntil when the session ends that the ticket opens. */
  issue(name: string, loginUntil: Date): string {
    return this.tokens.issue(name, "ticket", { seconds: TICKET_SECONDS, loginUntil });
  }

  redeem(ticket: string | undefined): Principal | undefined {
    const token = this.tokens.verify(ticket, "ticket");
    this.#forgetExpired();
    if (token === undefined || this.#used.has(token.id)) return undefined;
    this.#used.set(token.id, token.expiresAt);
    return { name: token.name, expiresAt: token.loginUntil };
  }

  #forgetExpired(): void {
    const now = new Date();
    for (const [id, expiresAt] of this.#used) {
      if (expiresAt > now) return;
      this.#used.delete(id);
    }
  }
}

/** Reads `?ticket=…`. */
@Component()
export class TicketLogin implements HandshakeHandler {
  constructor(private readonly tickets: Tickets) {}

  determineUser(request: HandshakeRequest): Principal | Refusal {
    const ticket = request.uri.searchParams.get("ticket") ?? undefined;
    return this.tickets.redeem(ticket) ?? refuse(401);
  }
}

@WebSocketHandler("/ws/ticket", { handshakeHandler: TicketLogin })
export class TicketHandler extends Greeter {}
