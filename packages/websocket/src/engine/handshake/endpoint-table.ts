import { comparePatterns, matchPath, splitRequestPath } from "./path-pattern";
import type { PathPattern } from "./path-pattern";

export type EndpointEntry<E> = { readonly pattern: PathPattern; readonly endpoint: E };

export type EndpointMatch<E> = {
  readonly endpoint: E;
  readonly pathVariables: Readonly<Record<string, string>>;
};

export type EndpointTable<E> = {
  /** Takes the path as it came over the wire, without the query. */
  find(rawPath: string): EndpointMatch<E> | "malformed" | undefined;
};

export function createEndpointTable<E>(entries: readonly EndpointEntry<E>[]): EndpointTable<E> {
  const literals = new Map<string, EndpointMatch<E>>();
  const patterns: EndpointEntry<E>[] = [];
  for (const entry of [...entries].sort((a, b) => comparePatterns(a.pattern, b.pattern))) {
    const literal = literalMatch(entry);
    if (literal === undefined) patterns.push(entry);
    else if (!literals.has(literal.key)) literals.set(literal.key, literal.match);
  }
  return { find: (rawPath) => find(literals, patterns, rawPath) };
}

function find<E>(
  literals: ReadonlyMap<string, EndpointMatch<E>>,
  patterns: readonly EndpointEntry<E>[],
  rawPath: string,
): EndpointMatch<E> | "malformed" | undefined {
  if (!rawPath.startsWith("/")) return undefined;
  if (!rawPath.includes("%")) {
    const literal = literals.get(rawPath);
    if (literal !== undefined) return literal;
  }
  const segments = splitRequestPath(rawPath);
  if (segments === undefined) return "malformed";
  return literals.get(literalKey(segments)) ?? findPattern(patterns, segments);
}

function findPattern<E>(
  patterns: readonly EndpointEntry<E>[],
  segments: readonly string[],
): EndpointMatch<E> | undefined {
  for (const { pattern, endpoint } of patterns) {
    const pathVariables = matchPath(pattern, segments);
    if (pathVariables !== undefined) return { endpoint, pathVariables };
  }
  return undefined;
}

function literalMatch<E>(entry: EndpointEntry<E>): { key: string; match: EndpointMatch<E> } | undefined {
  const texts: string[] = [];
  for (const segment of entry.pattern.segments) {
    if (segment.kind !== "literal") return undefined;
    texts.push(segment.text);
  }
  const pathVariables = matchPath(entry.pattern, texts);
  if (pathVariables === undefined) return undefined;
  return { key: literalKey(texts), match: { endpoint: entry.endpoint, pathVariables } };
}

/** Equals the raw path wherever nothing is encoded in it, which spares most requests the decoding. */
function literalKey(segments: readonly string[]): string {
  return `/${segments.map((segment) => segment.replace(/[%/\\#]/g, encodeURIComponent)).join("/")}`;
}
