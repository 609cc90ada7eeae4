import { handshakeHandlerContract, registerContract } from "@vernal/testing";
import { CookieLogin } from "../src/cookie";
import { SubProtocolLogin } from "../src/sub-protocol";
import { TicketLogin, Tickets } from "../src/ticket";
import type { Audience } from "../src/tokens";
import { tokens, wrongTokens } from "./example-server";

const USERS = ["ada", "bob"];
const issue = (name: string, audience: Audience): string => tokens.issue(name, audience, { seconds: 60 });
const wrong = (audience: Audience): readonly string[] =>
  wrongTokens("ada", audience).map(([, token]) => token);

registerContract(
  "SubProtocolLogin",
  handshakeHandlerContract({
    create: () => new SubProtocolLogin(tokens),
    subProtocols: ["chat"],
    accepted: () =>
      USERS.map((user) => ({
        request: { subProtocols: ["chat", `bearer.${issue(user, "chat")}`] },
        user,
      })),
    refused: () =>
      wrong("chat").map((token) => ({
        request: { subProtocols: ["chat", `bearer.${token}`] },
        status: 401,
      })),
  }),
);

registerContract(
  "TicketLogin",
  handshakeHandlerContract({
    create: () => new TicketLogin(new Tickets(tokens)),
    // Each is good for one handshake, and each case asks anew.
    accepted: () => USERS.map((user) => ({ request: { query: `ticket=${issue(user, "ticket")}` }, user })),
    refused: () => wrong("ticket").map((token) => ({ request: { query: `ticket=${token}` }, status: 401 })),
  }),
);

registerContract(
  "CookieLogin",
  handshakeHandlerContract({
    create: () => new CookieLogin(tokens),
    accepted: () =>
      USERS.map((user) => ({ request: { headers: { Cookie: `token=${issue(user, "cookie")}` } }, user })),
    refused: () =>
      wrong("cookie").map((token) => ({ request: { headers: { Cookie: `token=${token}` } }, status: 401 })),
  }),
);
