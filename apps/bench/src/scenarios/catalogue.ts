import { broadcast, compressed } from "./broadcast";
import { dispatch } from "./dispatch";
import { echo } from "./echo";
import { handshake } from "./handshake";
import { idle } from "./idle";
import { json } from "./json";
import type { Scenario } from "./scenario";
import { startUp } from "./start-up";

export const scenarios: readonly Scenario[] = [
  ...dispatch,
  ...echo,
  ...json,
  ...broadcast,
  ...compressed,
  idle,
  handshake,
  startUp,
];

/** What a name stands for: one scenario, or all whose names begin with it, as `echo` or `broadcast-500`. */
export function scenariosNamed(name: string): readonly Scenario[] {
  return scenarios.filter((scenario) => scenario.name === name || scenario.name.startsWith(`${name}-`));
}
