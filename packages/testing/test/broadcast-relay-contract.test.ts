import { EventEmitter } from "node:events";
import { BroadcastRelay, type BroadcastEnvelope } from "@vernal/websocket";
import { broadcastRelayContract, registerContract, type ContractCase } from "@vernal/testing";

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

function contractOf(
  Relay: new (bus: EventEmitter) => BroadcastRelay,
  timeoutMs?: number,
): readonly ContractCase[] {
  const bus = new EventEmitter().setMaxListeners(100);
  return broadcastRelayContract({
    create: () => new Relay(bus),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
}

registerContract("a relay that keeps the contract", contractOf(BusRelay));

/** The names of the cases that a relay breaks, each with what was found. */
async function brokenBy(
  Relay: new (bus: EventEmitter) => BroadcastRelay,
): Promise<Readonly<Record<string, string>>> {
  const broken: Record<string, string> = {};
  for (const { name, run } of contractOf(Relay, 150)) {
    await run().catch((error: Error & { code?: string }) => {
      broken[name] = `${error.code}: ${error.message}`;
    });
  }
  return broken;
}

const TARGETS = "carries every target and the excepted sessions as they are";
const ACTIONS = "carries every action as it is, bytes byte for byte";
const ORDER = "keeps the order in which one application publishes";
const REACHES = "reaches every other application once";
const LEAVES = "leaves the envelope that it is given as it is";
const ALONE = "takes an envelope also where nobody else listens";
const DISPOSE = "delivers nothing after its dispose, and goes on for the others";
const BROADCASTS = "carries broadcasts between applications, to each session once";

describe("a relay that breaks the contract is found, by a case with its name and by what it did", () => {
  it.each<[string, new (bus: EventEmitter) => BroadcastRelay, readonly string[], RegExp]>([
    [
      "forgets who is excepted",
      class extends BusRelay {
        override encode(envelope: BroadcastEnvelope): string {
          return super.encode({ ...envelope, except: [] });
        }
      },
      [TARGETS, BROADCASTS],
      /VERNAL_TEST_CONTRACT_BROKEN.*"one","other".*was published/,
    ],
    [
      "carries bytes as text",
      class extends BusRelay {
        override encode(envelope: BroadcastEnvelope): string {
          const { action } = envelope;
          if (action.kind === "close") return super.encode(envelope);
          const payload = Buffer.from(Buffer.from(action.payload).toString());
          return super.encode({ ...envelope, action: { ...action, payload } });
        }
      },
      [ACTIONS],
      /VERNAL_TEST_CONTRACT_BROKEN/,
    ],
    [
      "gives an array for bytes",
      class extends BusRelay {
        override decode(json: string): BroadcastEnvelope {
          const envelope = super.decode(json);
          const { action } = envelope;
          if (action.kind === "close") return envelope;
          return { ...envelope, action: { ...action, payload: [...action.payload] as never } };
        }
      },
      [TARGETS, ACTIONS],
      /no Uint8Array/,
    ],
    [
      "overtakes itself",
      class extends BusRelay {
        #count = 0;
        override publish(envelope: BroadcastEnvelope): void {
          this.#count += 1;
          setTimeout(() => void super.publish(envelope), this.#count % 2 === 0 ? 0 : 5);
        }
      },
      [ORDER],
      /was delivered where "\d+" is next/,
    ],
    [
      "delivers twice",
      class extends BusRelay {
        override readonly receive = (json: string): void => {
          this.deliver?.(this.decode(json));
          this.deliver?.(this.decode(json));
        };
      },
      [REACHES, BROADCASTS],
      /VERNAL_TEST_CONTRACT_BROKEN/,
    ],
    [
      "changes what it is given",
      class extends BusRelay {
        override publish(envelope: BroadcastEnvelope): void {
          (envelope as { node: string }).node = `${envelope.node}!`;
          void super.publish(envelope);
        }
      },
      [LEAVES],
      /publish threw/,
    ],
    [
      "fails where nobody listens",
      class extends BusRelay {
        override publish(envelope: BroadcastEnvelope): void {
          if (this.bus.listenerCount("envelope") < 2) throw new Error("nobody there");
          void super.publish(envelope);
        }
      },
      [ALONE],
      /publish threw/,
    ],
    [
      "goes on after dispose",
      class extends BusRelay {
        override dispose(): void {}
      },
      [DISPOSE],
      /\[after\] was delivered after dispose/,
    ],
    [
      "delivers nothing",
      class extends BusRelay {
        override publish(): void {}
      },
      [TARGETS, ACTIONS, ORDER, REACHES],
      /VERNAL_TEST_/,
    ],
  ])("%s", async (_what, Relay, names, text) => {
    const broken = await brokenBy(Relay);
    expect(Object.keys(broken)).toEqual(expect.arrayContaining([...names]));
    expect(broken[names[0]!]).toMatch(text);
  });
});
