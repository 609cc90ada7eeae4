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
  type ContractCase,
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
} satisfies Partial<HandshakeHandlerSubject>;

registerContract(
  "one that goes by the origin",
  handshakeHandlerContract({ create: () => new OriginLogin(), ...byOrigin }),
);

it("asks the handler about origins, and not the check of the framework", async () => {
  const everybody = { determineUser: (): Principal => ({ name: "app" }) };
  const cases = handshakeHandlerContract({ create: () => everybody, ...byOrigin });
  const refusing = cases.find(({ name }) => name.startsWith("refuses whom"))!;
  await expect(refusing.run()).rejects.toMatchObject({ code: "VERNAL_TEST_CONTRACT_BROKEN" });
});

describe("a handshake handler that breaks the contract is found", () => {
  it.each<[string, new () => HandshakeHandler, string, RegExp]>([
    [
      "lets in nobody",
      class extends TokenLogin {
        override determineUser(): Refusal {
          return refuse(401);
        }
      },
      "lets in whom it has to let in, as the right user",
      /accepted\[0\] is refused with 401/,
    ],
    [
      "lets in everybody",
      class extends TokenLogin {
        override determineUser(): Principal {
          return { name: "ada" };
        }
      },
      "refuses whom it has to refuse, with the right status",
      /refused\[0\] is answered with 101 and not with 401/,
    ],
    [
      "remembers the last one",
      class extends TokenLogin {
        #name = "";
        override async determineUser(request: HandshakeRequest): Promise<Principal | Refusal> {
          const user = await super.determineUser(request);
          if (!("name" in user)) return user;
          this.#name = user.name;
          await new Promise((resolve) => setTimeout(resolve, 10));
          return { name: this.#name };
        }
      },
      "does not mix up handshakes that come at the same time",
      /accepted\[0\] has the user "grace" and not "ada"/,
    ],
    [
      "throws without a header",
      class extends TokenLogin {
        override determineUser(
          request: HandshakeRequest,
        ): Principal | Refusal | Promise<Principal | Refusal> {
          if (!request.headers.has("authorization")) throw new Error("no header");
          return super.determineUser(request);
        }
      },
      "answers a handshake without any credentials",
      /is answered with 500; the log says: .*no header/,
    ],
    [
      "throws for what is malformed",
      class extends TokenLogin {
        override determineUser(
          request: HandshakeRequest,
        ): Principal | Refusal | Promise<Principal | Refusal> {
          decodeURIComponent(request.headers.get("authorization") ?? "");
          return super.determineUser(request);
        }
      },
      "answers malformed credentials, and not with an error of the server",
      /"Authorization":"%".* is answered with 500; the log says: .*URI malformed/,
    ],
    [
      "repeats the token",
      class extends TokenLogin {
        override determineUser(request: HandshakeRequest): Refusal {
          return refuse(401, `Unknown: ${request.headers.get("authorization")}`);
        }
      },
      "repeats in a refusal nothing of what the client has sent",
      /the answer 401 holds what the client has sent/,
    ],
    [
      "picks what was not offered",
      class extends TokenLogin {
        override selectProtocol(
          _requested: readonly string[],
          supported: readonly string[],
        ): string | undefined {
          return supported[0];
        }
      },
      "picks a sub-protocol of those that the client offers, or none",
      /of \[\] it picked "v1"/,
    ],
    [
      "throws where nothing is offered",
      class extends TokenLogin {
        override selectProtocol(requested: readonly string[]): string {
          return requested[0]!.toString();
        }
      },
      "picks a sub-protocol of those that the client offers, or none",
      /of \[\] it threw/,
    ],
    [
      "sorts what it is given",
      class extends TokenLogin {
        override selectProtocol(requested: readonly string[]): string | undefined {
          return (requested as string[]).sort()[0];
        }
      },
      "leaves the lists of sub-protocols as they are",
      /selectProtocol changed/,
    ],
  ])("%s", async (_what, Login, name, text) => {
    const broken = contractOf(Login).find((each) => each.name === name)!;
    await expect(broken.run()).rejects.toMatchObject({
      code: "VERNAL_TEST_CONTRACT_BROKEN",
      message: expect.stringMatching(text) as string,
    });
  });

  it("where what it lets in has expired already", async () => {
    const [lets] = handshakeHandlerContract({
      create: () => ({ determineUser: () => ({ name: "ada", expiresAt: new Date(0) }) }),
      accepted: async () => [{ request: {}, user: "ada" }],
    });
    await expect(lets!.run()).rejects.toMatchObject({
      code: "VERNAL_TEST_CONTRACT_BROKEN",
      message: expect.stringContaining("accepted[0] is refused with 401") as string,
    });
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
