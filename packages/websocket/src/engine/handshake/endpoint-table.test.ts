import fc from "fast-check";
import { createEndpointTable } from "./endpoint-table";
import { comparePatterns, matchPath, parsePathPattern, splitRequestPath } from "./path-pattern";
import type { PathPattern } from "./path-pattern";

const entry = (source: string) => {
  const pattern = parsePathPattern(source);
  if (typeof pattern === "string") throw new Error(`${source}: ${pattern}`);
  return { pattern, endpoint: source };
};
const table = (...sources: string[]) => createEndpointTable(sources.map(entry));
const endpointAt = (found: ReturnType<ReturnType<typeof table>["find"]>) =>
  typeof found === "object" ? found.endpoint : found;

type Entry = { readonly pattern: PathPattern; readonly endpoint: string };
const findByTryingAll = (entries: readonly Entry[], rawPath: string) => {
  const segments = splitRequestPath(rawPath);
  if (segments === undefined) return rawPath.startsWith("/") ? "malformed" : undefined;
  const best = entries
    .filter(({ pattern }) => matchPath(pattern, segments) !== undefined)
    .reduce<Entry | undefined>(
      (a, b) => (a && comparePatterns(a.pattern, b.pattern) <= 0 ? a : b),
      undefined,
    );
  return best && { endpoint: best.endpoint, pathVariables: matchPath(best.pattern, segments) };
};

const sourceSegment = fc.constantFrom(
  "a",
  "b",
  "%2F",
  "%25",
  "%2A",
  "é",
  "{x}",
  "{y}",
  "*",
  "a*",
  "*a",
  "a*b",
);
const sources = fc.array(
  fc
    .tuple(fc.array(sourceSegment, { maxLength: 3 }), fc.boolean())
    .map(([segments, open]) => `/${[...segments, ...(open ? ["**"] : [])].join("/")}`)
    .filter((source) => typeof parsePathPattern(source) !== "string"),
  { maxLength: 12 },
);
const requestSegment = fc.constantFrom(
  "a",
  "b",
  "ab",
  "aab",
  "%61",
  "%2F",
  "%2f",
  "%25",
  "%2A",
  "*",
  "é",
  "%C3%A9",
  "",
  "%",
  "..",
);
const rawPath = fc.oneof(
  fc.array(requestSegment, { maxLength: 4 }).map((segments) => `/${segments.join("/")}`),
  fc.string({ unit: "binary" }),
  fc.string({ unit: "binary" }).map((text) => `/${text}`),
);

describe("the endpoint table", () => {
  it("finds nothing when it is empty", () => {
    expect(table().find("/")).toBeUndefined();
    expect(table().find("/a")).toBeUndefined();
  });

  it("finds the endpoint of a literal path, encoded or not", () => {
    const paths = table("/ws/채팅", "/", "/a%2Fb");
    expect(endpointAt(paths.find("/ws/%EC%B1%84%ED%8C%85"))).toBe("/ws/채팅");
    expect(endpointAt(paths.find("/"))).toBe("/");
    expect(endpointAt(paths.find("/%61%2fb"))).toBe("/a%2Fb");
    expect(paths.find("/a/b")).toBeUndefined();
  });

  it("gives the variables of the pattern that matched", () => {
    const found = table("/rooms/{room}", "/rooms/{room}/{seat}").find("/rooms/a%20b");
    expect(found).toEqual({
      endpoint: "/rooms/{room}",
      pathVariables: Object.assign(Object.create(null) as object, { room: "a b" }),
    });
  });

  it("prefers a literal to every pattern, and the more specific pattern to the other", () => {
    const paths = table("/**", "/{a}/{b}", "/a/*", "/a/{b}", "/a/b-*", "/a/b");
    expect(endpointAt(paths.find("/a/b"))).toBe("/a/b");
    expect(endpointAt(paths.find("/a/%62"))).toBe("/a/b");
    expect(endpointAt(paths.find("/a/b-1"))).toBe("/a/b-*");
    expect(endpointAt(paths.find("/a/c"))).toBe("/a/{b}");
    expect(endpointAt(paths.find("/b/c"))).toBe("/{a}/{b}");
    expect(endpointAt(paths.find("/a/b/c"))).toBe("/**");
  });

  it.each(["/ws/", "//ws", "/WS", "ws", "", "*", "http://host/ws"])("does not take %j for /ws", (path) => {
    expect(table("/ws").find(path)).toBeUndefined();
  });

  it("tells a bad escape from an unknown path", () => {
    expect(table("/ws").find("/ws%")).toBe("malformed");
    expect(table("/ws").find("/a/../ws")).toBe("malformed");
    expect(table("/**").find("/%ff")).toBe("malformed");
  });

  it("keeps the first of two entries for one literal path", () => {
    const pattern = entry("/a").pattern;
    const paths = createEndpointTable([
      { pattern, endpoint: "first" },
      { pattern, endpoint: "second" },
    ]);
    expect(endpointAt(paths.find("/a"))).toBe("first");
  });

  it("agrees with trying all patterns, and never throws", () => {
    fc.assert(
      fc.property(sources, rawPath, (all, path) => {
        const entries = all.map(entry);
        expect(createEndpointTable(entries).find(path)).toEqual(findByTryingAll(entries, path));
      }),
      { numRuns: 3000 },
    );
  });
});
