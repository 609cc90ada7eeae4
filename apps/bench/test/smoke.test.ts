import { peerNamed } from "../src/peers/catalogue";
import { scenarios } from "../src/scenarios/catalogue";
import type { Settings } from "../src/scenarios/scenario";

const LIMIT_MS = 20_000;

const tiny: Settings = {
  seconds: 0.1,
  messages: 20,
  warmUpSeconds: 0,
  maxConnections: 5,
  starts: 1,
  pin: false,
};

// The load ends with an error at any answer that has another size than it should, or comes too often.
test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
  "%s measures vernal and what it is compared with",
  async (_, scenario) => {
    const measure = (name: string) => scenario.measure(peerNamed(name), tiny);
    const measurements = await Promise.all([measure("vernal"), measure(scenario.baseline)]);
    for (const { figures, messages = Infinity } of measurements) {
      expect(Object.keys(figures)).toEqual(scenario.metrics.map(({ name }) => name));
      for (const figure of Object.values(figures)) expect(Number.isFinite(figure)).toBe(true);
      expect(messages).toBeGreaterThanOrEqual(20);
    }
  },
  LIMIT_MS,
);
