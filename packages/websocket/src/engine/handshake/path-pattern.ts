export type Segment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "glob"; readonly parts: readonly string[] }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "any" }
  | { readonly kind: "rest" };

export type PathPattern = {
  readonly source: string;
  readonly segments: readonly Segment[];
  readonly variableNames: readonly string[];
  /** Equal for two sources that stand for the same path, whatever their variables are called. */
  readonly shape: string;
};

const VARIABLE = /^\{([A-Za-z_][A-Za-z0-9_]*)\}$/;
/** What express, Nest and fastify call a variable; nobody means it as it stands. */
const EXPRESS_VARIABLE = /^:[A-Za-z_][A-Za-z0-9_]*$/;
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const FORBIDDEN = /[?#\\\s\u0000-\u001f\u007f-\u009f]/;
// A variable may be called __proto__, hence no prototype anywhere.
const NO_VARIABLES: Readonly<Record<string, string>> = Object.freeze(emptyRecord());

/** A string says what is wrong with the source. */
export function parsePathPattern(source: string): PathPattern | string {
  if (typeof source !== "string") return "the path is not a string";
  if (source === "") return "the path is empty";
  const path = source.startsWith("/") ? source : `/${source}`;
  const forbidden = FORBIDDEN.exec(path)?.[0];
  if (forbidden !== undefined) return `the path holds ${describeCharacter(forbidden)}`;
  if (path === "/") return { source: path, segments: [], variableNames: [], shape: path };
  if (path.includes("//")) return "the path has an empty segment";
  if (path.endsWith("/")) return "the path ends with a slash";
  const segments: Segment[] = [];
  const variableNames: string[] = [];
  const texts = path.slice(1).split("/");
  for (const [index, text] of texts.entries()) {
    const segment = parseSegment(text);
    if (typeof segment === "string") return segment;
    if (segment.kind === "rest" && index < texts.length - 1) return "** is not the last segment";
    if (segment.kind === "variable") {
      if (variableNames.includes(segment.name)) return `the variable {${segment.name}} appears twice`;
      variableNames.push(segment.name);
    }
    segments.push(segment);
  }
  return { source: path, segments, variableNames, shape: `/${segments.map(segmentShape).join("/")}` };
}

/**
 * Splits before it decodes, so that an encoded slash stays inside its segment. `undefined` for an escape that does not
 * decode, and for what other readers of the same address resolve to another path: dot segments, `\\` and `#`.
 */
export function splitRequestPath(rawPath: string): readonly string[] | undefined {
  if (!rawPath.startsWith("/") || /[\\#]/.test(rawPath)) return undefined;
  if (rawPath === "/") return [];
  const segments = rawPath.slice(1).split("/");
  for (const [index, segment] of segments.entries()) {
    const decoded = segment.includes("%") ? decodeOnce(segment) : segment;
    if (decoded === undefined || decoded === "." || decoded === "..") return undefined;
    segments[index] = decoded;
  }
  return segments;
}

/** The variables of the match, or undefined for no match. */
export function matchPath(
  pattern: PathPattern,
  segments: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const expected = pattern.segments;
  const open = expected.at(-1)?.kind === "rest";
  const fixed = open ? expected.length - 1 : expected.length;
  if (open ? segments.length < fixed : segments.length !== fixed) return undefined;
  for (let index = 0; index < fixed; index++) {
    if (!matchesSegment(expected[index] as Segment, segments[index] as string)) return undefined;
  }
  return pattern.variableNames.length === 0 ? NO_VARIABLES : variablesOf(expected, segments);
}

/** Orders patterns for a search that stops at the first match: most specific first. */
export function comparePatterns(a: PathPattern, b: PathPattern): number {
  const length = Math.max(a.segments.length, b.segments.length);
  for (let index = 0; index < length; index++) {
    const difference = compareSegments(a.segments[index], b.segments[index]);
    if (difference !== 0) return difference;
  }
  return compareTexts(a.shape, b.shape) || compareTexts(a.source, b.source);
}

/**
 * Whether the text is the parts in their order with anything, or nothing, between them. Takes the first
 * place for each part and never goes back, where a regular expression would try all places.
 */
export function matchesGlob(parts: readonly string[], text: string): boolean {
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  if (parts.length < 2) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let from = first.length;
  for (let index = 1; index < parts.length - 1; index++) {
    const part = parts[index] as string;
    const found = text.indexOf(part, from);
    if (found === -1) return false;
    from = found + part.length;
  }
  return from <= end;
}

function parseSegment(text: string): Segment | string {
  if (text === "**") return { kind: "rest" };
  if (text === "*") return { kind: "any" };
  if (text.includes("**")) return `** does not stand alone in the segment "${text}"`;
  if (text.includes("{") || text.includes("}")) {
    const name = VARIABLE.exec(text)?.[1];
    return name === undefined
      ? `the segment "${text}" is no variable: a variable is a whole segment and has a name of letters, digits and underscores, such as {room}`
      : { kind: "variable", name };
  }
  if (EXPRESS_VARIABLE.test(text)) return `the segment "${text}" is no variable: write {${text.slice(1)}}`;
  const parts: string[] = [];
  for (const part of text.split("*")) {
    const decoded = decodeOnce(part);
    if (decoded === undefined) return `the segment "${text}" has a percent escape that does not decode`;
    parts.push(decoded);
  }
  if (parts.length > 1) return { kind: "glob", parts };
  const literal = parts[0] as string;
  if (literal === "." || literal === "..") {
    return `the segment "${text}" can never be asked for, because clients resolve it before they send`;
  }
  return { kind: "literal", text: literal };
}

function matchesSegment(expected: Segment, actual: string): boolean {
  switch (expected.kind) {
    case "literal":
      return actual === expected.text;
    case "glob":
      return matchesGlob(expected.parts, actual);
    case "variable":
    case "any":
      return actual !== "";
    case "rest":
      return true;
  }
}

function variablesOf(
  expected: readonly Segment[],
  actual: readonly string[],
): Readonly<Record<string, string>> {
  const variables = emptyRecord();
  for (const [index, segment] of expected.entries()) {
    if (segment.kind === "variable") variables[segment.name] = actual[index] as string;
  }
  return Object.freeze(variables);
}

function compareSegments(a: Segment | undefined, b: Segment | undefined): number {
  return rank(a) - rank(b) || literalLength(b) - literalLength(a);
}

function rank(segment: Segment | undefined): number {
  // A path that ends here is more specific than one that goes on: /a before /a/**.
  if (segment === undefined) return 0;
  return { literal: 1, glob: 2, variable: 3, any: 4, rest: 5 }[segment.kind];
}

function literalLength(segment: Segment | undefined): number {
  return segment?.kind === "glob" ? segment.parts.reduce((sum, part) => sum + part.length, 0) : 0;
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function segmentShape(segment: Segment): string {
  switch (segment.kind) {
    case "literal":
      return escapeShape(segment.text);
    case "glob":
      return segment.parts.map(escapeShape).join("*");
    case "variable":
      return "{}";
    case "any":
      return "*";
    case "rest":
      return "**";
  }
}

function escapeShape(literal: string): string {
  // What was written encoded must not look like grammar once it is decoded; encodeURIComponent keeps "*".
  return literal.replace(/[%/{}]/g, encodeURIComponent).replaceAll("*", "%2A");
}

function decodeOnce(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function describeCharacter(character: string): string {
  if (character === " ") return "a space";
  if (/[?#\\]/.test(character)) return `"${character}"`;
  return `the character U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

function emptyRecord(): Record<string, string> {
  return Object.create(null) as Record<string, string>;
}
