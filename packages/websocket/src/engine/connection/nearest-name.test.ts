import { nearestName } from "./nearest-name";

const names = [
  "port",
  "host",
  "heartbeatIntervalMs",
  "idleTimeoutMs",
  "allowedOrigins",
  "allowedOriginPatterns",
];

it.each([
  ["prot", "port"],
  ["PORT", "port"],
  ["hots", "host"],
  ["idleTimeout", "idleTimeoutMs"],
  ["heartbeat", "heartbeatIntervalMs"],
  ["alowedOrigin", "allowedOrigins"],
  ["origins", "allowedOrigins"],
  ["cors", undefined],
  ["ms", undefined],
  ["", undefined],
])("%s is meant to be %s", (written, meant) => {
  expect(nearestName(written, names)).toBe(meant);
});
