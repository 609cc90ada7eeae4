import { matchesGlob } from "./path-pattern";

export type OriginPolicy = {
  readonly any: boolean;
  readonly exact: ReadonlySet<string>;
  readonly patterns: readonly OriginPattern[];
};

type OriginPattern = {
  readonly scheme: string;
  readonly hostParts: readonly string[];
  /** The ports as they may be written; "" is an origin without one. */
  readonly ports: ReadonlySet<string> | "any";
};

type Origin = { readonly scheme: string; readonly host: string; readonly port: string };

const SCHEME = "([A-Za-z][A-Za-z0-9+.-]*)";
const IPV6 = "\\[[0-9A-Fa-f:.]+\\]";
const PORT = "(?:0|[1-9][0-9]{0,4})";
const ORIGIN = new RegExp(`^${SCHEME}://([A-Za-z0-9._-]+|${IPV6})(?::(${PORT}))?$`);
const ORIGIN_PATTERN = new RegExp(
  `^${SCHEME}://([A-Za-z0-9._*-]+|${IPV6})(?::(${PORT}|\\[(?:\\*|${PORT}(?:,${PORT})*)\\]))?$`,
);
const SOCKET_SCHEME = /^wss?:/i;
const MAX_PORT = 65_535;
const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([
  ["http", "80"],
  ["https", "443"],
]);
// Pages that were loaded from disk in a desktop shell send it. The slash is trimmed as everywhere.
const FILE_ORIGIN = "file:/";

/** Each problem is a clause that names the value and its cure; the policy holds the values without one. */
export function compileOriginPolicy(
  allowedOrigins: readonly string[],
  allowedOriginPatterns: readonly string[],
): { policy: OriginPolicy; problems: string[] } {
  const problems: string[] = [];
  const exact = new Set<string>();
  const patterns: OriginPattern[] = [];
  let any = false;
  for (const value of splitValues(allowedOrigins, problems)) {
    const problem = originProblem(value);
    if (value === "*") any = true;
    else if (problem === undefined) exact.add(lowerCase(trimSlash(value)));
    else problems.push(problem);
  }
  for (const value of splitValues(allowedOriginPatterns, problems)) {
    const pattern = parsePattern(trimSlash(value));
    if (value === "*") any = true;
    else if (value === "null") exact.add(value);
    else if (pattern !== undefined) patterns.push(pattern);
    else problems.push(patternProblem(value));
  }
  return { policy: { any, exact, patterns }, problems };
}

export function isOriginAllowed(
  policy: OriginPolicy,
  origin: string | undefined,
  requestScheme: "http" | "https",
  requestHost: string,
): boolean {
  if (origin === undefined) return true;
  if (origin.trim() === "") return false;
  if (policy.any || isSameOrigin(origin, requestScheme, requestHost)) return true;
  const trimmed = trimSlash(origin);
  if (policy.exact.size > 0 && policy.exact.has(lowerCase(trimmed))) return true;
  if (policy.patterns.length === 0) return false;
  const parsed = parseOrigin(trimmed);
  return parsed !== undefined && policy.patterns.some((pattern) => matchesPattern(pattern, parsed));
}

function isSameOrigin(origin: string, requestScheme: string, requestHost: string): boolean {
  const theirs = parseOrigin(lowerCase(origin));
  // RFC 3986 lets an authority end in a colon without a port.
  const ours = parseOrigin(lowerCase(`${requestScheme}://${requestHost.replace(/:$/, "")}`));
  if (theirs === undefined || ours === undefined) return false;
  return (
    theirs.scheme === ours.scheme &&
    theirs.host === ours.host &&
    effectivePort(theirs) === effectivePort(ours)
  );
}

function parseOrigin(text: string): Origin | undefined {
  const match = ORIGIN.exec(text);
  if (match === null) return undefined;
  const [, scheme = "", host = "", port = ""] = match;
  return Number(port) <= MAX_PORT ? { scheme, host, port } : undefined;
}

function parsePattern(text: string): OriginPattern | undefined {
  const match = ORIGIN_PATTERN.exec(text);
  if (match === null || SOCKET_SCHEME.test(text)) return undefined;
  const [, scheme = "", host = "", portText = ""] = match;

  const hostParts = host.split("*");
  if (portText === "[*]") return { scheme, hostParts, ports: "any" };
  const ports = portText.replace(/[[\]]/g, "").split(",");
  if (ports.some((port) => Number(port) > MAX_PORT)) return undefined;
  return { scheme, hostParts, ports: new Set(ports) };
}

function matchesPattern(pattern: OriginPattern, origin: Origin): boolean {
  if (pattern.scheme !== origin.scheme) return false;
  if (pattern.ports !== "any" && !pattern.ports.has(origin.port)) return false;
  return matchesGlob(pattern.hostParts, origin.host);
}

function effectivePort(origin: Origin): string {
  return origin.port === "" ? (DEFAULT_PORTS.get(origin.scheme) ?? "") : origin.port;
}

function originProblem(value: string): string | undefined {
  const named = JSON.stringify(value);
  const trimmed = trimSlash(value);
  if (lowerCase(trimmed) === "null" || lowerCase(trimmed) === FILE_ORIGIN) return undefined;
  if (SOCKET_SCHEME.test(value)) {
    return `${named} is no origin: a page has the scheme it was loaded with, write ${suggestOrigin(value.replace(/^ws/i, "http"))}`;
  }
  if (parseOrigin(trimmed) !== undefined) return undefined;
  if (value.includes("*")) {
    return `${named} is no origin but a pattern: give it to allowedOriginPatterns`;
  }
  if (!value.includes("://")) {
    return `${named} is no origin: write it with its scheme, such as ${suggestOrigin(`https://${value}`)}`;
  }
  return `${named} is no origin: write only scheme, host and port, such as ${suggestOrigin(value)}`;
}

function patternProblem(value: string): string {
  const named = JSON.stringify(value);
  if (SOCKET_SCHEME.test(value)) {
    return `${named} is no origin pattern: a page has the scheme it was loaded with, write ${JSON.stringify(value.replace(/^ws/i, "http"))}`;
  }
  if (value.endsWith(":*")) {
    return `${named} is no origin pattern: for any port write ${JSON.stringify(value.replace(/:\*$/, ":[*]"))}`;
  }
  if (!value.includes("://")) {
    return `${named} is no origin pattern: write it with its scheme, such as "https://*.example.com"`;
  }
  return (
    `${named} is no origin pattern: write a scheme, a host with * in it and ports as a number, ` +
    `a list or [*], such as "https://*.example.com:[8080,8081]"`
  );
}

function suggestOrigin(text: string): string {
  const suggestion = originOf(text);
  return JSON.stringify(parseOrigin(suggestion) === undefined ? "https://example.com" : suggestion);
}

// Not by URL.canParse, which on Node 20 says no to some text beyond ASCII once it has been called often.
function originOf(text: string): string {
  try {
    const { protocol, host } = new URL(text);
    return `${protocol}//${host}`;
  } catch {
    return "";
  }
}

function splitValues(values: readonly string[], problems: string[]): string[] {
  const split: string[] = [];
  for (const value of values) {
    if (typeof value !== "string") {
      problems.push(`${String(value)} is no string: write the origin as text`);
      continue;
    }
    for (const part of splitOutsideBrackets(value)) {
      if (part === "") problems.push(`${JSON.stringify(value)} holds a blank value: remove it`);
      else split.push(part);
    }
  }
  return split;
}

function splitOutsideBrackets(value: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let inBrackets = false;
  for (let index = 0; index < value.length; index++) {
    const character = value[index];
    if (character === "[") inBrackets = true;
    else if (character === "]") inBrackets = false;
    else if (character === "," && !inBrackets) {
      parts.push(value.slice(start, index).trim());
      start = index + 1;
    }
  }
  // As in Spring a comma at the end adds nothing.
  if (start < value.length || parts.length === 0) parts.push(value.slice(start).trim());
  return parts;
}

function trimSlash(text: string): string {
  return text.endsWith("/") ? text.slice(0, -1) : text;
}

/** Of ASCII only: toLowerCase turns the Kelvin sign into the letter k. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
