import fc from "fast-check";
import { comparePatterns, matchesGlob, matchPath, parsePathPattern, splitRequestPath } from "./path-pattern";
import type { PathPattern } from "./path-pattern";

const pattern = (source: string): PathPattern => {
  const parsed = parsePathPattern(source);
  if (typeof parsed === "string") throw new Error(`${source}: ${parsed}`);
  return parsed;
};
const match = (source: string, rawPath: string) => {
  const segments = splitRequestPath(rawPath);
  return segments === undefined ? "bad escape" : matchPath(pattern(source), segments);
};
const nothing = Object.create(null) as object;

const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,3}$/);
const literal = fc.stringMatching(/^[a-c%?*{}/ é-]{1,4}$/);
type Sample = {
  readonly source: string;
  readonly actual: string;
  readonly variable?: readonly [string, string];
};
const sampleSegment: fc.Arbitrary<Sample> = fc.oneof(
  literal.map((text) => ({ source: encodeURIComponent(text).replaceAll("*", "%2A"), actual: text })),
  fc
    .tuple(name, literal)
    .map(([key, value]) => ({ source: `{${key}}`, actual: value, variable: [key, value] as const })),
  literal.map((text) => ({ source: "*", actual: text })),
  fc.tuple(name, fc.string({ maxLength: 4, unit: "grapheme-ascii" })).map(([prefix, rest]) => ({
    source: `${prefix}-*`,
    actual: `${prefix}-${rest}`,
  })),
);
const samplePattern = fc.uniqueArray(sampleSegment, {
  maxLength: 5,
  selector: ({ source }) => (source.startsWith("{") ? source : Symbol(source)),
});
const anySource = fc
  .array(fc.constantFrom("a", "b", "{x}", "{y}", "*", "a*", "*b", "a*b", "%2A", "é", "%C3%A9"), {
    maxLength: 4,
  })
  .chain((parts) => fc.constantFrom(parts, [...parts, "**"]))
  .map((parts) => `/${parts.join("/")}`)
  .filter((source) => typeof parsePathPattern(source) !== "string");

describe("the grammar of a path", () => {
  it.each([
    ["ws", "/ws"],
    ["/", "/"],
    ["**", "/**"],
    ["{room}", "/{room}"],
    ["/a/{b}/c-*/*/**", "/a/{b}/c-*/*/**"],
    ["/채팅", "/채팅"],
    ["/a%2Fb", "/a%2Fb"],
    ["/{__proto__}", "/{__proto__}"],
    ["/*.*.json", "/*.*.json"],
  ])("takes %s as %s", (source, normalised) => {
    expect(pattern(source).source).toBe(normalised);
  });

  it.each([
    ["", "the path is empty"],
    ["//", "the path has an empty segment"],
    ["/a//b", "the path has an empty segment"],
    ["ws://host/path", "the path has an empty segment"],
    ["/a/", "the path ends with a slash"],
    ["/a?b", 'the path holds "?"'],
    ["/a#b", 'the path holds "#"'],
    ["\\a", 'the path holds "\\"'],
    ["/a b", "the path holds a space"],
    ["/a\tb", "the path holds the character U+0009"],
    ["/a\u0000", "the path holds the character U+0000"],
    ["/a\u2028", "the path holds the character U+2028"],
    ["/**/a", "** is not the last segment"],
    ["/a**", '** does not stand alone in the segment "a**"'],
    ["/***", '** does not stand alone in the segment "***"'],
    ["/{a}/b/{a}", "the variable {a} appears twice"],
    ["/a/../b", 'the segment ".." can never be asked for, because clients resolve it before they send'],
    ["/%2e/b", 'the segment "%2e" can never be asked for, because clients resolve it before they send'],
    ["/%", 'the segment "%" has a percent escape that does not decode'],
    ["/%ff", 'the segment "%ff" has a percent escape that does not decode'],
    ["/%4*1", 'the segment "%4*1" has a percent escape that does not decode'],
  ])("refuses %j: %s", (source, problem) => {
    expect(parsePathPattern(source)).toBe(problem);
  });

  it.each([
    "/{",
    "/}",
    "/{}",
    "/{a",
    "/a}",
    "/x{a}",
    "/{a}x",
    "/{a}{b}",
    "/{1a}",
    "/{a-b}",
    "/{a:[0-9]+}",
    "/{*a}",
    "/{{a}}",
  ])("refuses %s as a variable", (source) => {
    expect(parsePathPattern(source)).toContain("is no variable");
  });

  it("refuses what is not a string", () => {
    expect(parsePathPattern(undefined as unknown as string)).toBe("the path is not a string");
  });

  it("lists the variables in their order", () => {
    expect(pattern("/{b}/x/{a}").variableNames).toEqual(["b", "a"]);
  });

  it("never throws, and keeps its shape when the source is read again", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[ab/{}*%2F.?-]{0,12}$/)),
        (source) => {
          const parsed = parsePathPattern(source);
          if (typeof parsed === "string") expect(parsed).not.toBe("");
          else expect(parsePathPattern(parsed.source)).toEqual(parsed);
        },
      ),
    );
  });
});

describe("the shape of a path", () => {
  it.each([
    ["/a/{x}", "/a/{y}"],
    ["/café", "/caf%C3%A9"],
    ["/%61", "/a"],
    ["a", "/a"],
  ])("is the same for %s and %s", (a, b) => {
    expect(pattern(a).shape).toBe(pattern(b).shape);
  });

  it.each([
    ["/a/{x}", "/a/*"],
    ["/*", "/%2A"],
    ["/a*", "/a%2A"],
    ["/**", "/%2A%2A"],
    ["/{x}", "/%7Bx%7D"],
    ["/{x}", "/%7B%7D"],
    ["/a/b", "/a%2Fb"],
    ["/a%2Fb", "/a%252Fb"],
    ["/a", "/A"],
  ])("differs for %s and %s", (a, b) => {
    expect(pattern(a).shape).not.toBe(pattern(b).shape);
  });
});

describe("splitting the path of a request", () => {
  it.each([
    ["/", []],
    ["/ws", ["ws"]],
    ["/ws/", ["ws", ""]],
    ["//ws", ["", "ws"]],
    ["/a%2Fb/c", ["a/b", "c"]],
    ["/a%252Fb", ["a%2Fb"]],
    ["/a+b", ["a+b"]],
    ["/%EC%B1%84%ED%8C%85", ["채팅"]],
  ])("splits %s into %j", (rawPath, segments) => {
    expect(splitRequestPath(rawPath)).toEqual(segments);
  });

  it.each(["/%", "/a/%zz", "/%ff", "/%C3", "/%2e%2e/ws", "/a/./b", "/a/..", "/a\\b", "/a#b", "ws", "", "*"])(
    "has nothing for %j",
    (rawPath) => {
      expect(splitRequestPath(rawPath)).toBeUndefined();
    },
  );
});

describe("matching", () => {
  it.each([
    ["/ws", "/ws"],
    ["/", "/"],
    ["/채팅", "/%EC%B1%84%ED%8C%85"],
    ["/a%2Fb", "/a%2fb"],
    ["/*", "/a"],
    ["/chat-*", "/chat-"],
    ["/chat-*", "/chat-a%2Fb"],
    ["/a*b*c", "/abbc"],
    ["/**", "/"],
    ["/**", "//a/"],
    ["/a/**", "/a"],
    ["/a/**", "/a/"],
    ["/a/**", "/a/b/c"],
  ])("%s matches %s", (source, rawPath) => {
    expect(match(source, rawPath)).toEqual(nothing);
  });

  it.each([
    ["/ws", "/ws/"],
    ["/ws", "//ws"],
    ["/ws", "/WS"],
    ["/ws", "/"],
    ["/", "//"],
    ["/a/b", "/a%2Fb"],
    ["/*", "/"],
    ["/a/*", "/a/"],
    ["/a/{b}", "/a/"],
    ["/a/{b}", "/a/b/c"],
    ["/chat-*", "/chat"],
    ["/chat-*", "/xchat-a"],
    ["/aa*aa", "/aaa"],
    ["/a*b*c", "/acb"],
    ["/a*b*b", "/ab"],
    ["/a/**", "/ab"],
    ["/*", "/a/b"],
  ])("%s does not match %s", (source, rawPath) => {
    expect(match(source, rawPath)).toBeUndefined();
  });

  it("decodes a variable once", () => {
    expect(match("/{a}/{b}", "/x%252Fy/%2Fz")).toEqual(
      Object.assign(Object.create(null) as object, { a: "x%2Fy", b: "/z" }),
    );
  });

  it("returns frozen variables without a prototype, whatever they are called", () => {
    const variables = match("/{__proto__}/{constructor}", "/__proto__/toString") as Record<string, string>;
    expect(Object.getPrototypeOf(variables)).toBeNull();
    expect(Object.isFrozen(variables)).toBe(true);
    expect(Object.entries(variables)).toEqual([
      ["__proto__", "__proto__"],
      ["constructor", "toString"],
    ]);
  });

  it("shares one frozen object between paths without variables", () => {
    const variables = match("/a", "/a");
    expect(variables).toBe(match("/*", "/b"));
    expect(Object.isFrozen(variables)).toBe(true);
    expect(Object.getPrototypeOf(variables)).toBeNull();
  });

  it("finds in an encoded request what the pattern was filled with", () => {
    fc.assert(
      fc.property(samplePattern, fc.array(literal, { maxLength: 3 }), fc.boolean(), (samples, tail, open) => {
        const source = `/${[...samples.map((sample) => sample.source), ...(open ? ["**"] : [])].join("/")}`;
        const actual = [...samples.map((sample) => sample.actual), ...(open ? tail : [])];
        const variables = match(source, `/${actual.map(encodeURIComponent).join("/")}`);
        const expected = Object.fromEntries(
          samples.flatMap((sample) => (sample.variable ? [sample.variable] : [])),
        );
        expect({ ...(variables as object) }).toEqual(expected);
      }),
    );
  });

  it("agrees with a regular expression about what a glob matches", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ab*]{0,8}$/), fc.stringMatching(/^[ab]{0,10}$/), (glob, text) => {
        const expected = new RegExp(`^${glob.replaceAll("*", ".*")}$`).test(text);
        expect(matchesGlob(glob.split("*"), text)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it("does not lose itself in a long path that nearly matches a glob", () => {
    expect(match(`/${"a*".repeat(50)}b`, `/${"a".repeat(65_536)}`)).toBeUndefined();
  });
});

describe("the order of patterns", () => {
  it("puts the most specific first", () => {
    const ordered = [
      "/",
      "/a",
      "/a/b",
      "/a/chat-room-*",
      "/a/chat-*",
      "/a/{x}",
      "/a/{x}/b",
      "/a/{x}/**",
      "/a/*",
      "/a/**",
      "/a*",
      "/{x}/b",
      "/*/b",
      "/**",
    ].map(pattern);
    expect([...ordered].reverse().sort(comparePatterns)).toEqual(ordered);
  });

  it("falls back to the source for two spellings of one path", () => {
    expect(comparePatterns(pattern("/{a}"), pattern("/{b}"))).toBeLessThan(0);
    expect(comparePatterns(pattern("/é"), pattern("/%C3%A9"))).toBeGreaterThan(0);
  });

  it("is total: antisymmetric, transitive, and equal only for equal sources", () => {
    fc.assert(
      fc.property(anySource, anySource, anySource, (first, second, third) => {
        const [a, b, c] = [pattern(first), pattern(second), pattern(third)];
        expect(Math.sign(comparePatterns(a, b))).toBe(-Math.sign(comparePatterns(b, a)) + 0);
        expect(comparePatterns(a, b) === 0).toBe(a.source === b.source);
        if (comparePatterns(a, b) <= 0 && comparePatterns(b, c) <= 0) {
          expect(comparePatterns(a, c)).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
