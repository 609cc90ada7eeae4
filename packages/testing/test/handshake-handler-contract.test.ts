import { randomUUID } from "node:crypto";
import {
  refuse,
  type HandshakeHandler,
  type HandshakeRequest,
  type Principal,
  type Refusal,
} from "@vernal/websocket";
import {
  handshakeHandlerContract,
  registerContract,
  until,
  type AcceptedRequest,
  type ContractCase,
  type ContractRequest,
  type HandshakeHandlerSubject,
} from "@vernal/testing";

const USERS: Readonly<Record<string, string>> = Object.assign(Object.create(null) as object, {
  "token-of-ada": "ada",
  "token-of-grace": "grace",
});

class TokenLogin implements HandshakeHandler {
  determineUser(request: HandshakeRequest): Principal | Refusal | Promise<Principal | Refusal> {
    const token = request.headers.get("authorization")?.replace("Bearer ", "");
    const name = token === undefined ? undefined : USERS[token];
    return name === undefined ? refuse(401, "Who are you?") : { name };
  }

  selectProtocol(
    requested: readonly string[],
    supported: readonly string[],
  ): string | undefined | Promise<string | undefined> {
    return requested.findLast((each) => supported.includes(each));
  }
}

const requests = {
  subProtocols: ["v1", "v2"],
  accepted: () =>
    ["ada", "grace"].map((user) => ({
      request: { headers: { Authorization: `Bearer token-of-${user}` } },
      user,
    })),
  refused: () => [
    { request: {}, status: 401 },
    { request: { headers: { Authorization: "Bearer token-of-nobody" } }, status: 401 },
  ],
} satisfies Partial<HandshakeHandlerSubject>;

function contractOf(Login: new () => HandshakeHandler): readonly ContractCase[] {
  return handshakeHandlerContract({ create: () => new Login(), ...requests });
}

registerContract("a handshake handler that keeps the contract", contractOf(TokenLogin));
registerContract(
  "one that does nothing",
  handshakeHandlerContract({ create: () => ({ determineUser: () => undefined }) }),
);

class OriginLogin implements HandshakeHandler {
  determineUser({ origin }: HandshakeRequest): Principal | Refusal {
    return origin === "https://app.example" ? { name: "app" } : refuse(403);
  }
}

const byOrigin = {
  accepted: () => [{ request: { origin: "https://app.example" }, user: "app" }],
  refused: () => [{ request: { origin: "https://evil.example" }, status: 403 }],
  singleUser: true,
} satisfies Partial<HandshakeHandlerSubject>;

registerContract(
  "one that goes by the origin",
  handshakeHandlerContract({ create: () => new OriginLogin(), ...byOrigin }),
);

registerContract(
  "one that goes by the origin, which stands among the headers",
  handshakeHandlerContract({
    create: () => new OriginLogin(),
    ...byOrigin,
    accepted: () => [
      { request: { headers: { Origin: "https://app.example", Authorization: "Bearer x" } }, user: "app" },
    ],
  }),
);

registerContract(
  "one that goes by the name of a parameter, and repeats the number of a request",
  handshakeHandlerContract({
    create: () => ({
      determineUser: ({ uri, headers }) => {
        const name = USERS[uri.search.slice(1)];
        const id = headers.get("x-request-id") ?? "";
        return name === undefined
          ? refuse(401, `No access_token in ${id}.`, { "X-Request-Id": id })
          : { name };
      },
    }),
    accepted: () => ["ada", "grace"].map((user) => ({ request: { query: `token-of-${user}` }, user })),
    refused: () => [
      { request: { query: "access_token=", headers: { "X-Request-Id": "0123456789abcdef" } }, status: 401 },
    ],
  }),
);

registerContract(
  "one that gives each guest a name",
  handshakeHandlerContract({
    create: () => ({
      determineUser: ({ headers }) => ({
        name: USERS[headers.get("x-key") ?? ""] ?? `guest ${randomUUID()}`,
      }),
    }),
    accepted: () =>
      ["ada", "grace"].map((user) => ({ request: { headers: { "X-Key": `token-of-${user}` } }, user })),
  }),
);

registerContract(
  "one that believes its proxy, and goes by the path",
  handshakeHandlerContract({
    create: () => ({
      determineUser: ({ headers, pathVariables: { room } }) => {
        const name = headers.get("x-user");
        return room !== "closed" && name !== undefined && name !== "" ? { name } : refuse(401);
      },
    }),
    path: "/ws/rooms/{room}",
    accepted: () =>
      ["ada", "grace"].map((user) => ({
        request: { path: "/ws/rooms/lobby", headers: { "X-User": user } },
        user,
      })),
    refused: () => [
      { request: {}, status: 401 },
      { request: { path: "/ws/rooms/closed", headers: { "X-User": "ada" } }, status: 401 },
    ],
  }),
);

const SAID: readonly ContractRequest[] = [
  { headers: { Authorization: "Negotiate YWRhOg==" } },
  { headers: { Authorization: "Negotiate" } },
  { headers: { Authorization: 'Digest realm="vernal realm", response="0123456789abcdef"' } },
  { headers: { Cookie: "session_id=0123456789abcdef" }, query: "access_token=0123456789abcdef" },
  { subProtocols: ["messages.v1", "bearer.0123456789abcdef"] },
];

registerContract(
  "one that says which names and schemes it knows",
  handshakeHandlerContract({
    create: () => ({
      determineUser: () =>
        refuse(401, "Send a Negotiate token, access_token=… or bearer.… as a sub-protocol of messages.v1.", {
          "WWW-Authenticate": 'Negotiate, PrivateToken, Digest realm="vernal realm", access_token=""',
          "Set-Cookie": "session_id=; Max-Age=0",
        }),
    }),
    subProtocols: ["messages.v1"],
    refused: () => SAID.map((request) => ({ request, status: 401 })),
  }),
);

/** The names of the cases that a handler breaks, each with what was found. */
async function brokenBy(cases: readonly ContractCase[]): Promise<Readonly<Record<string, string>>> {
  const broken: Record<string, string> = {};
  for (const { name, run } of cases) {
    await run().catch(({ code, message }: Error & { readonly code?: string }) => {
      broken[name] = `${code}: ${message}`;
    });
  }
  return broken;
}

const LETS_IN = "lets in whom it has to let in, as the right user";
const REFUSES = "refuses whom it has to refuse, with the right status";
const APART = "does not mix up handshakes that come at the same time";
const BARE = "answers a handshake without any credentials";
const ANSWERS = "answers malformed credentials, and not with an error of the server";
const NOBODY = "lets in nobody by malformed credentials";
const ECHO = "repeats in a refusal nothing of what the client has sent";
const PICKS = "picks a sub-protocol of those that the client offers, or none";
const LISTS = "leaves the lists of sub-protocols as they are";

type Answer = Principal | Refusal | undefined;

/** Does for some requests what it should not. */
function loginThat(
  answer: (request: HandshakeRequest) => Answer | Promise<Answer> | "right",
): new () => HandshakeHandler {
  return class extends TokenLogin {
    override async determineUser(request: HandshakeRequest): Promise<Principal | Refusal> {
      const own = await answer(request);
      return (own === "right" ? await super.determineUser(request) : own) as Principal | Refusal;
    }
  };
}

const tokenOf = ({ headers }: HandshakeRequest): string => headers.get("authorization") ?? "";
const isBare = ({ headers, uri, subProtocols }: HandshakeRequest): boolean =>
  !headers.has("authorization") && !headers.has("cookie") && uri.search === "" && subProtocols.length === 0;
const TOKEN_OF_NOBODY = { request: { headers: { Authorization: "Bearer token-of-nobody" } }, status: 401 };

describe("a handshake handler that breaks the contract is found, by one case", () => {
  it.each<[string, string, new () => HandshakeHandler, RegExp, Partial<HandshakeHandlerSubject>?]>([
    [
      "lets in not all",
      LETS_IN,
      loginThat((request) => (tokenOf(request).endsWith("grace") ? refuse(401) : "right")),
      /accepted\[1\] is refused with 401\./,
    ],
    [
      "lets in as somebody else",
      LETS_IN,
      loginThat((request) => (tokenOf(request).endsWith("grace") ? { name: "hopper" } : "right")),
      /accepted\[1\] has the user "hopper" and not "grace"/,
    ],
    [
      "lets in whom no client would stay with",
      LETS_IN,
      TokenLogin,
      /accepted\[0\] leads to no session/,
      {
        accepted: () =>
          ["ada", "grace"].map((user) => ({
            request: { headers: { Authorization: `Bearer token-of-${user}` }, subProtocols: ["other"] },
            user,
          })),
      },
    ],
    [
      "lets in whose time is over",
      LETS_IN,
      loginThat((request) =>
        tokenOf(request).endsWith("grace") ? { name: "grace", expiresAt: new Date(0) } : "right",
      ),
      /accepted\[1\] is refused with 401/,
    ],
    [
      "refuses with another status",
      REFUSES,
      loginThat((request) => (tokenOf(request).endsWith("nobody") ? refuse(403) : "right")),
      /refused\[1\] is answered with 403 and not with 401/,
    ],
    [
      "lets in whom it has to refuse",
      REFUSES,
      loginThat((request) => (tokenOf(request).endsWith("nobody") ? { name: "nobody" } : "right")),
      /refused\[1\] is answered with 101 and not with 401/,
    ],
    [
      "remembers the last one",
      APART,
      class extends TokenLogin {
        #name = "";
        override async determineUser(request: HandshakeRequest): Promise<Principal | Refusal> {
          const user = await super.determineUser(request);
          if (!("name" in user)) return user;
          this.#name = user.name;
          await new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));
          return { name: this.#name };
        }
      },
      /accepted\[0\] is answered with 101 as "ada" when it comes alone, and with 101 as "grace" among others/,
    ],
    [
      "throws where nothing is said",
      BARE,
      loginThat((request) => {
        if (!isBare(request)) return "right";
        throw new Error("nothing there");
      }),
      /is answered with 500; the log says: .*nothing there/,
      { refused: () => [TOKEN_OF_NOBODY] },
    ],
    [
      "never answers where nothing is said",
      BARE,
      loginThat((request) => (isBare(request) ? new Promise(() => {}) : "right")),
      /a handshake without any credentials is not answered within 1000 ms/,
      { accepted: undefined as never, refused: () => [TOKEN_OF_NOBODY], timeoutMs: 1000 },
    ],
    [
      "cuts the connection where nothing is said",
      BARE,
      loginThat((request) => {
        if (!isBare(request)) return "right";
        request.raw.socket.destroy();
        return new Promise(() => {});
      }),
      /a handshake without any credentials is not answered, its connection ends/,
      { accepted: undefined as never, refused: () => [TOKEN_OF_NOBODY] },
    ],
    [
      "throws for what is malformed",
      ANSWERS,
      loginThat((request) => {
        decodeURIComponent(tokenOf(request));
        return "right";
      }),
      /"Authorization":"%".* is answered with 500; the log says: .*URI malformed/,
    ],
    [
      "throws for half of a token",
      ANSWERS,
      loginThat((request) => {
        if (/^Bearer token/.test(tokenOf(request)) && !/-of-/.test(tokenOf(request))) throw new Error("half");
        return "right";
      }),
      /"Bearer token-"?.* is answered with 500; the log says: .*half/,
    ],
    [
      "lets in whoever says Bearer",
      NOBODY,
      loginThat((request) => (tokenOf(request) === "Bearer" ? { name: "ada" } : "right")),
      /"Authorization":"Bearer".* is answered with 101 as "ada", and with 401 without credentials/,
    ],
    [
      "lets in as nobody whom it does not know",
      NOBODY,
      loginThat((request) => (tokenOf(request) === "Bearer a.b.c" ? undefined : "right")),
      /is answered with 101 as nobody in particular, and with 401 without credentials/,
    ],
    [
      "is content with half of a token",
      NOBODY,
      loginThat((request) => (tokenOf(request) === "Bearer token-" ? { name: "ada" } : "right")),
      /"Bearer token-".* is answered with 101 as "ada"/,
    ],
    [
      "repeats the token",
      ECHO,
      loginThat((request) => (USERS[tokenOf(request).slice(7)] ? "right" : refuse(401, tokenOf(request)))),
      /the answer 401 holds what the client has sent: "Bearer vernal-contract-secret/,
    ],
    [
      "repeats what is in a cookie",
      ECHO,
      loginThat(({ cookies: { token } }) =>
        token === undefined ? "right" : refuse(401, "", { "X-Token": token }),
      ),
      /the answer 401 holds/,
    ],
    [
      "repeats the decoded query in a redirect",
      ECHO,
      loginThat(({ uri }) => {
        const next = uri.searchParams.get("next");
        return next === null ? "right" : refuse(302, "", { Location: `/login?to=${next}` });
      }),
      /the answer 302 holds/,
      { refused: () => [{ request: { query: "next=%2Ftickets%2F0123" }, status: 302 }] },
    ],
    [
      "picks what was not offered",
      PICKS,
      class extends TokenLogin {
        override selectProtocol(
          requested: readonly string[],
          supported: readonly string[],
        ): string | undefined {
          return requested.includes("vernal-contract-unknown") ? supported[0] : requested[0];
        }
      },
      /of \[vernal-contract-unknown\] selectProtocol picked "v1"/,
      { accepted: undefined as never },
    ],
    [
      "throws for an order that it does not know",
      PICKS,
      class extends TokenLogin {
        override selectProtocol(
          requested: readonly string[],
          supported: readonly string[],
        ): string | undefined {
          if (requested.join() === "v2,v1") throw new Error("v1 first");
          return super.selectProtocol(requested, supported) as string | undefined;
        }
      },
      /selectProtocol\(\[v2, v1\]\) threw: v1 first/,
    ],
    [
      "sorts what it is given",
      LISTS,
      class extends TokenLogin {
        override selectProtocol(requested: readonly string[]): string | undefined {
          return (requested as string[]).sort()[0];
        }
      },
      /selectProtocol changed \[v2, v1\] or \[v1, v2\]/,
    ],
  ])("%s", async (_what, name, Login, text, subject = {}) => {
    const broken = await brokenBy(
      handshakeHandlerContract({ create: () => new Login(), ...requests, ...subject }),
    );
    expect(Object.keys(broken)).toEqual([name]);
    expect(broken[name]).toMatch(/^VERNAL_TEST_CONTRACT_BROKEN: /);
    expect(broken[name]).toMatch(text);
  });
});

it("asks the handler about origins, and not the check of the framework", async () => {
  const everybody = { determineUser: (): Principal => ({ name: "app" }) };
  const cases = handshakeHandlerContract({ create: () => everybody, ...byOrigin });
  expect(Object.keys(await brokenBy(cases))).toEqual([REFUSES]);
});

describe("the contract of handshake handlers", () => {
  it("has no case that has nothing to look at", () => {
    const names = handshakeHandlerContract({ create: () => new TokenLogin() }).map(({ name }) => name);
    expect(names).toEqual([BARE, ANSWERS, NOBODY, ECHO, PICKS, LISTS]);
  });

  it.each<[string, readonly string[], string]>([
    ["none", [], 'got "nobody in particular"'],
    ["one", ["ada"], 'got "ada"'],
  ])("wants two users, and gets %s", async (_what, users, text) => {
    const accepted = (): AcceptedRequest[] => requests.accepted().filter(({ user }) => users.includes(user));
    const broken = await brokenBy(
      handshakeHandlerContract({ create: () => new TokenLogin(), ...requests, accepted }),
    );
    expect(broken).toEqual({
      [APART]: expect.stringMatching(/^VERNAL_TEST_INVALID_ARGUMENT: .*singleUser: true/) as string,
    });
    expect(broken[APART]).toContain(text);
  });

  it("says that a handshake cannot be asked for, and not that it is not let in", async () => {
    const accepted = (): AcceptedRequest[] => [{ request: { path: "ws" }, user: "ada" }];
    const [lets] = handshakeHandlerContract({ create: () => new TokenLogin(), accepted });
    await expect(lets!.run()).rejects.toMatchObject({
      code: "VERNAL_TEST_INVALID_ARGUMENT",
      message: expect.stringContaining('connect("ws") got "ws"') as string,
    });
  });

  it("takes no limit for one that is no time, and each that is one", async () => {
    const create = (): HandshakeHandler => new TokenLogin();
    expect(() => handshakeHandlerContract({ create, timeoutMs: -1 })).toThrow(
      "[VERNAL_TEST_INVALID_ARGUMENT] timeoutMs of handshakeHandlerContract() got -1",
    );
    const cases = handshakeHandlerContract({ create, ...requests, timeoutMs: Infinity });
    expect(await brokenBy(cases)).toEqual({});
  });

  it("asks many malformed handshakes at once, and not all", async () => {
    let [now, most, count] = [0, 0, 0];
    const create = (): HandshakeHandler => ({
      determineUser: async () => {
        count += 1;
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));
        now -= 1;
        return refuse(401);
      },
    });
    await handshakeHandlerContract({ create })
      .find(({ name }) => name === ANSWERS)!
      .run();
    expect(count).toBeGreaterThan(40);
    expect(most).toBe(8);
  });

  it.each(["create", "accepted", "dispose"])("says that %s does not settle", async (call) => {
    const never = (): Promise<never> => new Promise(() => {});
    const cases = handshakeHandlerContract({
      create: () => new TokenLogin(),
      ...requests,
      timeoutMs: 1000,
      [call]: never,
    });
    const lets = cases.find(({ name }) => name === LETS_IN)!;
    await expect(lets.run()).rejects.toMatchObject({
      code: "VERNAL_TEST_CONTRACT_BROKEN",
      message: expect.stringContaining(`${call}() has not settled within 1000 ms`) as string,
    });
  });

  it("gives back what was made too late", async () => {
    let make = (_handler: HandshakeHandler): void => {};
    const disposed: HandshakeHandler[] = [];
    const [first] = handshakeHandlerContract({
      create: () => new Promise<HandshakeHandler>((made) => (make = made)),
      dispose: (handler) => void disposed.push(handler),
      timeoutMs: 20,
    });
    await expect(first!.run()).rejects.toThrow("create() has not settled within 20 ms");
    const late = new TokenLogin();
    make(late);
    await until("it to be given back", () => disposed.length > 0);
    expect(disposed).toEqual([late]);
  });

  it("says what was found, and not that the handler cannot be disposed either", async () => {
    const failing = {
      dispose: (): never => {
        throw new Error("not disposed");
      },
    };
    const [right] = handshakeHandlerContract({ create: () => new TokenLogin(), ...requests, ...failing });
    await expect(right!.run()).rejects.toThrow("not disposed");
    const [wrong] = handshakeHandlerContract({
      create: () => ({ determineUser: () => refuse(401) }),
      ...requests,
      ...failing,
    });
    await expect(wrong!.run()).rejects.toThrow("accepted[0] is refused with 401");
  });
});

describe("registerContract", () => {
  it("makes a test of each case with the functions that it is given", async () => {
    const made: string[] = [];
    registerContract("title", [{ name: "a case", run: async () => void made.push("run") }], {
      describe: (name, suite) => {
        made.push(name);
        suite();
      },
      it: (name, test) => {
        made.push(name);
        void test();
      },
    });
    expect(made).toEqual(["title", "a case", "run"]);
  });

  it("says where there is no runner", () => {
    const { it: real } = globalThis;
    Object.assign(globalThis, { it: undefined });
    try {
      expect(() => registerContract("title", [])).toThrow("[VERNAL_TEST_NO_RUNNER]");
    } finally {
      Object.assign(globalThis, { it: real });
    }
  });

  it("disposes what a case has made, also when it fails", async () => {
    const disposed: HandshakeHandler[] = [];
    const cases = handshakeHandlerContract({
      create: async () => ({ selectProtocol: () => "wrong" }),
      dispose: (handler) => void disposed.push(handler),
    });
    for (const { run } of cases) await run().catch(() => {});
    expect(disposed).toHaveLength(cases.length);
  });
});
