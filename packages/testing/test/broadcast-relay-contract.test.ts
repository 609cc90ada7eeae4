import { EventEmitter } from "node:events";
import { BroadcastRelay, type BroadcastEnvelope } from "@vernal/websocket";
import {
  broadcastRelayContract,
  registerContract,
  type BroadcastRelaySubject,
  type ContractCase,
} from "@vernal/testing";

/** Carries envelopes over a bus in memory, as JSON, as over a broker that gives everybody everything. */
class BusRelay extends BroadcastRelay {
  deliver: ((envelope: BroadcastEnvelope) => void) | undefined;
  constructor(readonly bus: EventEmitter) {
    super();
  }

  start(deliver: (envelope: BroadcastEnvelope) => void): void | Promise<void> {
    this.deliver = deliver;
    this.bus.on("envelope", this.receive);
  }

  readonly receive = (json: string): void => this.deliver?.(this.decode(json));

  publish(envelope: BroadcastEnvelope): void | Promise<void> {
    setImmediate(() => this.bus.emit("envelope", this.encode(envelope)));
  }

  encode(envelope: BroadcastEnvelope): string {
    return JSON.stringify(envelope, (_key, value: unknown) =>
      isBufferJson(value)
        ? { base64: Buffer.from(value.data).toString("base64") }
        : value instanceof Uint8Array
          ? { base64: Buffer.from(value).toString("base64") }
          : value,
    );
  }

  decode(json: string): BroadcastEnvelope {
    return JSON.parse(json, (_key, value: { base64?: string } | null) =>
      typeof value?.base64 === "string" ? Buffer.from(value.base64, "base64") : value,
    ) as BroadcastEnvelope;
  }

  dispose(): void | Promise<void> {
    this.bus.off("envelope", this.receive);
  }
}

/** What `toJSON` of Buffer makes of one before anybody can replace it. */
function isBufferJson(value: unknown): value is { readonly data: number[] } {
  return (value as { type?: unknown } | null)?.type === "Buffer";
}

type RelayClass = new (bus: EventEmitter) => BroadcastRelay;

function contractOf(
  Relay: RelayClass,
  options: Partial<BroadcastRelaySubject> = {},
): readonly ContractCase[] {
  const bus = new EventEmitter().setMaxListeners(100);
  return broadcastRelayContract({ create: () => new Relay(bus), ...options });
}

/** The names of the cases that a relay breaks, each with what was found. */
async function brokenBy(cases: readonly ContractCase[]): Promise<Readonly<Record<string, string>>> {
  const broken: Record<string, string> = {};
  for (const each of cases) Object.assign(broken, await findingOf(each));
  return broken;
}

async function findingOf({ name, run }: ContractCase): Promise<Readonly<Record<string, string>>> {
  try {
    await run();
    return {};
  } catch (error) {
    const { code, message } = error as Error & { readonly code?: string };
    return { [name]: `${code}: ${message}` };
  }
}

const TARGETS = "carries every target and the excepted sessions as they are";
const ACTIONS = "carries every action as it is, bytes byte for byte";
const ORDER = "keeps the order in which one application publishes";
const REACHES = "reaches every other application once";
const LEAVES = "leaves the envelope that it is given as it is";
const ALONE = "takes an envelope also where nobody else listens";
const DISPOSE = "delivers nothing after its dispose, and goes on for the others";
const BROADCASTS = "carries broadcasts between applications, to each session once";
const CLOSES = "carries closes between applications";
const ALL = [TARGETS, ACTIONS, ORDER, REACHES, LEAVES, ALONE, DISPOSE, BROADCASTS, CLOSES];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

registerContract("a relay that keeps the contract", contractOf(BusRelay));

registerContract(
  "one that carries nodes and sessions as the 16 bytes of a UUID",
  contractOf(
    class extends BusRelay {
      override encode(envelope: BroadcastEnvelope): string {
        for (const id of [envelope.node, ...envelope.except]) {
          if (!UUID.test(id)) throw new Error(`${id} is no UUID`);
        }
        return super.encode(envelope);
      }
    },
  ),
);

registerContract(
  "one that is given back by a function",
  broadcastRelayContract(
    (() => {
      const bus = new EventEmitter().setMaxListeners(100);
      class Bare extends BusRelay {
        override dispose = undefined as never;
      }
      return {
        create: async () => new Bare(bus),
        dispose: (relay) => void bus.off("envelope", (relay as Bare).receive),
      } satisfies BroadcastRelaySubject;
    })(),
  ),
);

describe("a relay that breaks the contract is found, by one case", () => {
  it.each<[string, string, RelayClass, RegExp]>([
    [
      "cuts the names of users",
      TARGETS,
      class extends BusRelay {
        override encode(envelope: BroadcastEnvelope): string {
          const { target } = envelope;
          if (target.kind !== "user") return super.encode(envelope);
          return super.encode({ ...envelope, target: { ...target, name: target.name.split("@")[0]! } });
        }
      },
      /"user","ada@example.com",.* was published, and .*"user","ada",.* is there/,
    ],
    [
      "carries bytes as text",
      ACTIONS,
      class extends BusRelay {
        override encode(envelope: BroadcastEnvelope): string {
          const { action } = envelope;
          if (action.kind === "close") return super.encode(envelope);
          const payload = Buffer.from(Buffer.from(action.payload).toString());
          return super.encode({ ...envelope, action: { ...action, payload } });
        }
      },
      /256 bytes with the hash [0-9a-f]{16}.* was published, and .*\d+ bytes with the hash/,
    ],
    [
      "overtakes itself",
      ORDER,
      class extends BusRelay {
        #count = 0;
        override publish(envelope: BroadcastEnvelope): void {
          this.#count += 1;
          if (this.#count === 100) setImmediate(() => void super.publish(envelope));
          else void super.publish(envelope);
        }
      },
      /"100" was delivered where "99" is next/,
    ],
    [
      "hears two applications at most",
      REACHES,
      class extends BusRelay {
        readonly #nodes = new Set<string>();
        override readonly receive = (json: string): void => {
          const envelope = this.decode(json);
          if (this.#nodes.size < 2) this.#nodes.add(envelope.node);
          if (this.#nodes.has(envelope.node)) this.deliver?.(envelope);
        };
      },
      /within 1000 ms no envelope more of those of this case was delivered\./,
    ],
    [
      "writes into what it is given",
      LEAVES,
      class extends BusRelay {
        override publish(envelope: BroadcastEnvelope): void {
          const json = this.encode(envelope);
          setImmediate(() => this.bus.emit("envelope", json));
          if (envelope.action.kind === "send") (envelope.action.payload as Buffer).fill(0);
        }
      },
      /"text","68656c6c6f".* was published, and .*"text","0000000000".* is there/,
    ],
    [
      "adds to what it is given",
      LEAVES,
      class extends BusRelay {
        override publish(envelope: BroadcastEnvelope): void {
          Object.assign(envelope, { sentAt: 0 });
          void super.publish(envelope);
        }
      },
      /publish\(\) threw: Cannot add property sentAt/,
    ],
    [
      "fails where nobody listens",
      ALONE,
      class extends BusRelay {
        override async publish(envelope: BroadcastEnvelope): Promise<void> {
          if (this.bus.listenerCount("envelope") < 2) throw new Error("nobody there");
          await super.publish(envelope);
        }
      },
      /publish\(\) threw: nobody there/,
    ],
    [
      "waits where nobody listens",
      ALONE,
      class extends BusRelay {
        override publish(envelope: BroadcastEnvelope): void | Promise<void> {
          if (this.bus.listenerCount("envelope") < 2) return new Promise(() => {});
          return super.publish(envelope);
        }
      },
      /publish\(\) has not settled within 1000 ms/,
    ],
    [
      "goes on after dispose",
      DISPOSE,
      class extends BusRelay {
        override dispose(): void {}
      },
      /\[after, long after\] was delivered after dispose\(\) had settled/,
    ],
    [
      "has no dispose",
      DISPOSE,
      class extends BusRelay {
        override dispose = undefined as never;
      },
      /it has no dispose\(\)/,
    ],
    [
      "keeps of a tick only the last envelope for groups",
      BROADCASTS,
      class extends BusRelay {
        #last: BroadcastEnvelope | undefined;
        override publish(envelope: BroadcastEnvelope): void {
          if (envelope.target.kind !== "group") return void super.publish(envelope);
          this.#last = envelope;
          process.nextTick(() => this.#last === envelope && super.publish(envelope));
        }
      },
      /a session in the other application got \[to the path, last, end\] and not \[to the group, to the path, last, end\]/,
    ],
    [
      "drops closes for groups",
      CLOSES,
      class extends BusRelay {
        override publish(envelope: BroadcastEnvelope): void {
          if (envelope.action.kind === "send" || envelope.target.kind !== "group")
            void super.publish(envelope);
        }
      },
      /within 1000 ms the session in the other application was not closed/,
    ],
    [
      "forgets the reason of closes for groups",
      CLOSES,
      class extends BusRelay {
        override encode(envelope: BroadcastEnvelope): string {
          const { action, target } = envelope;
          if (action.kind === "send" || target.kind !== "group") return super.encode(envelope);
          return super.encode({ ...envelope, action: { ...action, reason: "" } });
        }
      },
      /the session in the other application ended with 4001 and not with 4001 over/,
    ],
  ])("%s", async (_what, name, Relay, text) => {
    const broken = await brokenBy(contractOf(Relay, { timeoutMs: 1000 }));
    expect(Object.keys(broken)).toEqual([name]);
    expect(broken[name]).toMatch(/^VERNAL_TEST_CONTRACT_BROKEN: /);
    expect(broken[name]).toMatch(text);
  });
});

describe("a relay that breaks much of the contract is found by each case with its code", () => {
  it.each<[string, RelayClass, readonly string[], RegExp]>([
    [
      "delivers twice",
      class extends BusRelay {
        override readonly receive = (json: string): void => {
          this.deliver?.(this.decode(json));
          this.deliver?.(this.decode(json));
        };
      },
      [TARGETS, ACTIONS, ORDER, REACHES, BROADCASTS],
      /was published, and|was delivered where|got \[/,
    ],
    [
      "delivers nothing",
      class extends BusRelay {
        override publish(): void {}
      },
      ALL.filter((name) => name !== ALONE),
      /within 1000 ms no envelope more|got \[\] and not|was not closed/,
    ],
    [
      "delivers with another node",
      class extends BusRelay {
        override decode(json: string): BroadcastEnvelope {
          return { ...super.decode(json), node: "another" };
        }
      },
      ALL.filter((name) => name !== ALONE),
      /; \d+ with the node of somebody else were|got \[\] and not|was not closed/,
    ],
    [
      "cannot be started",
      class extends BusRelay {
        override async start(): Promise<void> {
          throw new Error("connect ECONNREFUSED");
        }
      },
      ALL,
      /start\(\) threw: connect ECONNREFUSED/,
    ],
    [
      "never starts",
      class extends BusRelay {
        override start(): Promise<void> {
          return new Promise(() => {});
        }
      },
      ALL,
      /start\(\) has not settled within 1000 ms/,
    ],
    [
      "never publishes",
      class extends BusRelay {
        override publish(): Promise<void> {
          return new Promise(() => {});
        }
      },
      ALL,
      /publish\(\) has not settled within 1000 ms/,
    ],
    [
      "rejects what it is to publish",
      class extends BusRelay {
        override async publish(): Promise<void> {
          throw new Error("READONLY");
        }
      },
      ALL,
      /publish\(\) threw: READONLY/,
    ],
    [
      "never disposes",
      class extends BusRelay {
        override dispose(): Promise<void> {
          return new Promise(() => {});
        }
      },
      ALL,
      /dispose\(\) has not settled within 1000 ms/,
    ],
    [
      "cannot be disposed",
      class extends BusRelay {
        override dispose(): void {
          super.dispose() as void;
          throw new Error("not connected");
        }
      },
      ALL,
      /dispose\(\) threw: not connected/,
    ],
  ])("%s", async (_what, Relay, names, text) => {
    // At once, because most of them wait until they give up.
    const findings = await Promise.all(contractOf(Relay, { timeoutMs: 1000 }).map(findingOf));
    const broken = Object.fromEntries(findings.flatMap((each) => Object.entries(each)));
    expect(Object.keys(broken)).toEqual(names);
    for (const found of Object.values(broken)) {
      expect(found).toMatch(/^VERNAL_TEST_CONTRACT_BROKEN: /);
      expect(found).toMatch(text);
    }
  });
});

describe("the contract of relays", () => {
  it("says what was found, and not that the relay cannot be disposed either", async () => {
    const disposed: BroadcastRelay[] = [];
    const cases = contractOf(
      class extends BusRelay {
        override publish(): void {}
      },
      {
        timeoutMs: 200,
        dispose: (relay) => {
          disposed.push(relay);
          throw new Error("not connected");
        },
      },
    );
    await expect(cases.find(({ name }) => name === REACHES)!.run()).rejects.toThrow(
      "within 200 ms no envelope",
    );
    // Each, also behind one that fails.
    expect(new Set(disposed).size).toBe(3);
    expect(disposed).toHaveLength(3);
  });

  it("takes no limit for one that is no time, and each that is one", async () => {
    expect(() => contractOf(BusRelay, { timeoutMs: NaN })).toThrow(
      "[VERNAL_TEST_INVALID_ARGUMENT] timeoutMs of broadcastRelayContract() got NaN",
    );
    expect(await brokenBy(contractOf(BusRelay, { timeoutMs: Infinity }))).toEqual({});
  });

  it("gives back what was made too late", async () => {
    const late = new BusRelay(new EventEmitter());
    let make = (_relay: BusRelay): void => {};
    const disposed = new Promise((resolve) => {
      const [first] = broadcastRelayContract({
        create: () => new Promise<BusRelay>((made) => (make = made)),
        dispose: resolve,
        timeoutMs: 20,
      });
      first!.run().catch(({ message }: Error) => {
        expect(message).toContain("create() has not settled within 20 ms");
        make(late);
      });
    });
    expect(await disposed).toBe(late);
  });

  it("disposes each relay once", async () => {
    const disposed: BroadcastRelay[] = [];
    class Watched extends BusRelay {
      override dispose(): void {
        disposed.push(this);
        void super.dispose();
      }
    }
    expect(await brokenBy(contractOf(Watched))).toEqual({});
    expect(new Set(disposed).size).toBe(disposed.length);
  });

  it("disposes when the application has closed and nothing is published any more", async () => {
    const events: string[] = [];
    class Watched extends BusRelay {
      override async publish(envelope: BroadcastEnvelope): Promise<void> {
        await super.publish(envelope);
        // Longer than an application takes to close.
        for (let turns = 0; turns < 1000; turns += 1) await new Promise((resolve) => setImmediate(resolve));
        events.push("published");
      }
      override dispose(): void {
        events.push("dispose");
        void super.dispose();
      }
    }
    const counts: readonly (readonly [string, number])[] = [
      [BROADCASTS, 6],
      [CLOSES, 1],
    ];
    for (const [name, count] of counts) {
      const each = contractOf(Watched).find((one) => one.name === name)!;
      await each.run();
      expect(events.splice(0)).toEqual([...Array<string>(count).fill("published"), "dispose", "dispose"]);
    }
  });

  it("keeps two runs on one broker apart", async () => {
    const bus = new EventEmitter().setMaxListeners(100);
    const run = (): Promise<Readonly<Record<string, string>>> =>
      brokenBy(broadcastRelayContract({ create: () => new BusRelay(bus) }));
    expect(await Promise.all([run(), run(), run()])).toEqual([{}, {}, {}]);
  });
});
