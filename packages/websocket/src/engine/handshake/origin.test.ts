import fc from "fast-check";
import { compileOriginPolicy, isOriginAllowed } from "./origin";

type Request = { readonly scheme?: "http" | "https"; readonly host?: string };
const allows = (
  lists: { readonly origins?: readonly string[]; readonly patterns?: readonly string[] },
  origin: string | undefined,
  { scheme = "https", host = "server.example" }: Request = {},
) => {
  const { policy, problems } = compileOriginPolicy(lists.origins ?? [], lists.patterns ?? []);
  expect(problems).toEqual([]);
  return isOriginAllowed(policy, origin, scheme, host);
};
const problemsOf = (origins: readonly string[], patterns: readonly string[] = []) =>
  compileOriginPolicy(origins, patterns).problems;

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?$/);
const domain = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
const host = fc.oneof(
  domain,
  fc.ipV4(),
  fc.ipV6().map((address) => `[${address}]`),
);
const scheme = fc.constantFrom("http", "https", "chrome-extension", "capacitor");
const portNumber = fc.integer({ min: 0, max: 65_535 });
const port = fc.oneof(
  fc.constant(""),
  portNumber.map((number) => `:${number}`),
);
const origin = fc.tuple(scheme, host, port).map(([s, h, p]) => `${s}://${h}${p}`);
const inAnyCase = (text: string) =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) => [...text].map((char, index) => (upper[index] ? char.toUpperCase() : char)).join(""));

describe("without configuration", () => {
  it.each([
    ["https://server.example", "https", "server.example"],
    ["https://server.example", "https", "server.example:443"],
    ["https://server.example:443", "https", "server.example"],
    ["http://server.example", "http", "server.example:80"],
    ["http://server.example", "http", "server.example:"],
    ["HTTPS://Server.Example", "https", "sERVER.example"],
    ["http://localhost:8080", "http", "localhost:8080"],
    ["http://[::1]:8080", "http", "[::1]:8080"],
    ["http://[FE80::A]", "http", "[fe80::a]"],
    ["http://127.0.0.1:1", "http", "127.0.0.1:1"],
  ] as const)("%s is the origin of %s://%s", (page, requestScheme, requestHost) => {
    expect(allows({}, page, { scheme: requestScheme, host: requestHost })).toBe(true);
  });

  it.each([
    ["https://other.example", "https", "server.example"],
    ["http://server.example", "https", "server.example"],
    ["https://server.example", "http", "server.example"],
    ["http://server.example:443", "https", "server.example"],
    ["https://server.example:80", "http", "server.example:80"],
    ["https://server.example:8443", "https", "server.example"],
    ["https://server.example", "https", "server.example:8443"],
    ["https://server.example.evil.example", "https", "server.example"],
    ["https://sub.server.example", "https", "server.example"],
    ["https://server.example/", "https", "server.example"],
    ["https://server.example/path", "https", "server.example"],
    ["https://server.example?", "https", "server.example"],
    ["https://user@server.example", "https", "server.example"],
    ["https://server.example:", "https", "server.example"],
    ["https://server.example:0443", "https", "server.example"],
    ["https://server.example:65536", "https", "server.example:65536"],
    [" https://server.example", "https", "server.example"],
    ["https://server.example, https://server.example", "https", "server.example"],
    ["https://\u212Aelvin.example", "https", "kelvin.example"],
    ["server.example", "https", "server.example"],
    ["null", "https", "server.example"],
    ["null", "https", "null"],
    ["https://", "https", ""],
    ["https://user@server.example", "https", "user@server.example"],
    ["https://server.example/a", "https", "server.example/a"],
    ["wss://server.example", "https", "server.example"],
  ] as const)("%s is not the origin of %s://%s", (page, requestScheme, requestHost) => {
    expect(allows({}, page, { scheme: requestScheme, host: requestHost })).toBe(false);
  });

  it("lets a request without an Origin pass", () => {
    expect(allows({}, undefined)).toBe(true);
    expect(allows({ origins: ["https://a.example"] }, undefined)).toBe(true);
  });

  it("refuses every string that is not the origin of the server", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.webUrl(), origin), (page) => {
        expect(allows({}, page, { host: "unlike-any.server.example:4444" })).toBe(false);
      }),
    );
  });

  it("never throws for a strange host", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (page, requestHost) => {
        allows({}, page, { host: requestHost });
        allows({}, `https://${requestHost}`, { host: requestHost });
      }),
    );
  });

  it("allows a page of the same scheme, host and port, whatever the case and the default port", () => {
    const request = fc.tuple(fc.constantFrom("http" as const, "https" as const), host, fc.option(portNumber));
    fc.assert(
      fc.property(
        request.chain(([s, h, p]) =>
          fc.tuple(
            fc.constant(s),
            inAnyCase(h),
            fc.constant(p),
            inAnyCase(p === null ? `${s}://${h}` : `${s}://${h}:${p}`),
          ),
        ),
        ([s, h, p, page]) => {
          expect(allows({}, page, { scheme: s, host: p === null ? h : `${h}:${p}` })).toBe(true);
          const standard = s === "http" ? 80 : 443;
          expect(allows({}, page, { scheme: s, host: `${h}:${p ?? standard}` })).toBe(true);
          expect(allows({}, page, { scheme: s, host: `${h}:${p === 7 ? 8 : 7}` })).toBe(false);
        },
      ),
    );
  });
});

describe("allowed origins", () => {
  it.each(["", " ", "\t", "\u00a0"])("never allow the blank origin %j", (blank) => {
    expect(allows({ origins: ["*"], patterns: ["*"] }, blank)).toBe(false);
  });

  it("with * allow everything else", () => {
    for (const page of ["null", "https://a.example", "nonsense", "https://a b/"]) {
      expect(allows({ origins: ["*"] }, page)).toBe(true);
      expect(allows({ origins: ["https://b.example, *"] }, page)).toBe(true);
      expect(allows({ patterns: ["*"] }, page)).toBe(true);
    }
  });

  it("allow null only where it is listed", () => {
    expect(allows({ origins: ["null"] }, "null")).toBe(true);
    expect(allows({ patterns: ["null"] }, "null")).toBe(true);
    expect(allows({ origins: ["https://a.example"], patterns: ["https://*"] }, "null")).toBe(false);
  });

  it("allow file:// only where it is listed", () => {
    expect(allows({ origins: ["file://"] }, "file://")).toBe(true);
    expect(allows({ origins: ["https://a.example"] }, "file://")).toBe(false);
  });

  it("are split at commas", () => {
    const lists = { origins: ["https://a.example, https://b.example:8080 ,http://[::1]:1,"] };
    expect(allows(lists, "https://a.example")).toBe(true);
    expect(allows(lists, "https://b.example:8080")).toBe(true);
    expect(allows(lists, "http://[::1]:1")).toBe(true);
    expect(allows(lists, "https://c.example")).toBe(false);
  });

  it("compare the port as written", () => {
    expect(allows({ origins: ["https://a.example"] }, "https://a.example:443")).toBe(false);
    expect(allows({ origins: ["https://a.example:443"] }, "https://a.example")).toBe(false);
  });

  it("do not take a letter that only becomes ASCII in lower case", () => {
    expect(allows({ origins: ["https://k.example"] }, "https://\u212A.example")).toBe(false);
  });

  it("allow the origins of both lists", () => {
    const lists = { origins: ["https://a.example"], patterns: ["https://*.b.example"] };
    expect(allows(lists, "https://a.example")).toBe(true);
    expect(allows(lists, "https://x.b.example")).toBe(true);
    expect(allows(lists, "https://server.example")).toBe(true);
    expect(allows(lists, "https://x.a.example")).toBe(false);
  });

  it("allow a listed origin in any case, with or without a slash on either side", () => {
    const cases = origin.chain((page) =>
      fc.tuple(inAnyCase(page), inAnyCase(page), fc.constantFrom("", "/"), fc.constantFrom("", "/")),
    );
    fc.assert(
      fc.property(cases, ([listed, sent, listedSlash, sentSlash]) => {
        expect(allows({ origins: [listed + listedSlash] }, sent + sentSlash)).toBe(true);
        expect(allows({ origins: [listed + listedSlash] }, `${sent}//`)).toBe(false);
      }),
    );
  });

  it("allow no other origin than the listed one", () => {
    fc.assert(
      fc.property(origin, origin, (listed, sent) => {
        expect(allows({ origins: [listed] }, sent)).toBe(listed.toLowerCase() === sent.toLowerCase());
      }),
    );
  });
});

describe("allowed origin patterns", () => {
  it.each([
    ["https://*.d.example", "https://a.d.example"],
    ["https://*.d.example", "https://a.b.d.example"],
    ["https://*.d.example/", "https://a.d.example/"],
    ["https://pr-*.d.example", "https://pr-12.d.example"],
    ["https://*.d.*", "https://a.d.example"],
    ["http://localhost:[*]", "http://localhost"],
    ["http://localhost:[*]", "http://localhost:3000"],
    ["http://localhost:3000", "http://localhost:3000"],
    ["http://*:[8080,8081]", "http://a.example:8081"],
    ["http://[::1]:[*]", "http://[::1]:5173"],
    ["https://*", "https://[::1]"],
    ["https://*", "https://a.example"],
  ])("%s allows %s", (pattern, page) => {
    expect(allows({ patterns: [pattern] }, page)).toBe(true);
  });

  it.each([
    ["https://*.d.example", "https://d.example"],
    ["https://*.d.example", "https://evild.example"],
    ["https://*.d.example", "https://a.dxexample"],
    ["https://*.d.example", "https://a.d.example.evil.example"],
    ["https://*.d.example", "http://a.d.example"],
    ["https://*.d.example", "https://a.d.example:443"],
    ["https://*.d.example", "https://a.D.example"],
    ["https://*.d.example", "HTTPS://a.d.example"],
    ["https://*.d.example", "https://evil.example/.d.example"],
    ["https://*.d.example", "https://evil.example?.d.example"],
    ["https://*.d.example", "https://evil.example#.d.example"],
    ["https://*.d.example", "https://evil.example\\.d.example"],
    ["https://*.d.example", "https://evil.example:1.d.example"],
    ["https://*.d.example", "https://user@a.d.example"],
    ["https://*.d.example", "https://evil.example .d.example"],
    ["https://*", "https://a.example:8443"],
    ["https://*", "https://[::1]:8443"],
    ["https://d.example*", "https://d.example:8443"],
    ["http://localhost:[*]", "http://localhost:65536"],
    ["http://localhost:[*]", "http://localhost:"],
    ["http://localhost:[*]", "http://localhost:3000@evil.example"],
    ["http://localhost:[8080,8081]", "http://localhost"],
    ["http://localhost:[8080,8081]", "http://localhost:8082"],
    ["http://localhost:[80]", "http://localhost"],
    ["http://a.example", "http://a.example//"],
  ])("%s does not allow %s", (pattern, page) => {
    expect(allows({ patterns: [pattern] }, page)).toBe(false);
  });

  it("are split at commas outside of brackets", () => {
    const lists = { patterns: ["https://*.a.example:[8080,8081], https://*.b.example"] };
    expect(allows(lists, "https://x.a.example:8081")).toBe(true);
    expect(allows(lists, "https://x.b.example")).toBe(true);
    expect(allows(lists, "https://x.a.example")).toBe(false);
  });

  it("allow the subdomains, and no host that merely ends in the same text", () => {
    fc.assert(
      fc.property(domain, domain, label, (sub, base, glued) => {
        const lists = { patterns: [`https://*.${base}`] };
        expect(allows(lists, `https://${sub}.${base}`)).toBe(true);
        for (const other of [`${base}.${sub}`, `${glued}${base}`]) {
          expect(allows(lists, `https://${other}`)).toBe(other.endsWith(`.${base}`));
        }
        expect(allows(lists, `http://${sub}.${base}`)).toBe(false);
      }),
    );
  });

  it("allow exactly the ports they list", () => {
    fc.assert(
      fc.property(
        fc.array(portNumber, { minLength: 1, maxLength: 4 }),
        portNumber,
        host,
        (listed, sent, h) => {
          const page = `http://${h}:${sent}`;
          expect(allows({ patterns: [`http://${h}:[${listed.join(",")}]`] }, page)).toBe(
            listed.includes(sent),
          );
          expect(allows({ patterns: [`http://${h}:${listed[0]}`] }, page)).toBe(listed[0] === sent);
          expect(allows({ patterns: [`http://${h}:[*]`] }, page)).toBe(true);
          expect(allows({ patterns: [`http://${h}`] }, page)).toBe(false);
        },
      ),
    );
  });

  it("never throw, and allow only a well-formed origin of a matching scheme", () => {
    const { policy } = compileOriginPolicy([], ["https://*:[*]"]);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.webUrl()), (text) => {
        const allowed = isOriginAllowed(policy, `https://${text}`, "http", "server.example");
        if (allowed) expect(`https://${text}`).toMatch(/^https:\/\/[A-Za-z0-9._[\]:-]+\/?$/);
      }),
    );
  });
});

describe("what the lists cannot hold", () => {
  it.each([
    ["example.com", '"example.com" is no origin: write it with its scheme, such as "https://example.com"'],
    [
      "localhost:3000",
      '"localhost:3000" is no origin: write it with its scheme, such as "https://localhost:3000"',
    ],
    [
      "https://a.example/x",
      '"https://a.example/x" is no origin: write only scheme, host and port, such as "https://a.example"',
    ],
    [
      "https://a.example//",
      '"https://a.example//" is no origin: write only scheme, host and port, such as "https://a.example"',
    ],
    [
      "https://a.example?x",
      '"https://a.example?x" is no origin: write only scheme, host and port, such as "https://a.example"',
    ],
    [
      "https://u:p@a.example",
      '"https://u:p@a.example" is no origin: write only scheme, host and port, such as "https://a.example"',
    ],
    [
      "https://bücher.example",
      '"https://bücher.example" is no origin: write only scheme, host and port, such as "https://xn--bcher-kva.example"',
    ],
    ["https://", '"https://" is no origin: write only scheme, host and port, such as "https://example.com"'],
    [
      "https://a.example:99999",
      '"https://a.example:99999" is no origin: write only scheme, host and port, such as "https://example.com"',
    ],
    [
      "https://*.a.example",
      '"https://*.a.example" is no origin but a pattern: give it to allowedOriginPatterns',
    ],
    [
      "wss://a.example",
      '"wss://a.example" is no origin: a page has the scheme it was loaded with, write "https://a.example"',
    ],
    [
      "ws://a.example:1/x",
      '"ws://a.example:1/x" is no origin: a page has the scheme it was loaded with, write "http://a.example:1"',
    ],
    ["", '"" holds a blank value: remove it'],
    [
      "https://a.example,,https://b.example",
      '"https://a.example,,https://b.example" holds a blank value: remove it',
    ],
  ])("the origins cannot hold %j", (value, problem) => {
    expect(problemsOf([value])).toEqual([problem]);
  });

  const anything =
    'is no origin pattern: write a scheme, a host with * in it and ports as a number, a list or [*], such as "https://*.example.com:[8080,8081]"';
  it.each([
    [
      "http://localhost:*",
      '"http://localhost:*" is no origin pattern: for any port write "http://localhost:[*]"',
    ],
    [
      "*.example.com",
      '"*.example.com" is no origin pattern: write it with its scheme, such as "https://*.example.com"',
    ],
    [
      "wss://*.a.example",
      '"wss://*.a.example" is no origin pattern: a page has the scheme it was loaded with, write "https://*.a.example"',
    ],
    ["https://*/x", `"https://*/x" ${anything}`],
    ["https://user@*", `"https://user@*" ${anything}`],
    ["*://a.example", `"*://a.example" ${anything}`],
    ["https://a.example:[]", `"https://a.example:[]" ${anything}`],
    ["https://a.example:[1, 2]", `"https://a.example:[1, 2]" ${anything}`],
    ["https://a.example:[65536]", `"https://a.example:[65536]" ${anything}`],
    ["https://a.example:[1,*]", `"https://a.example:[1,*]" ${anything}`],
    ["http://[::*]", `"http://[::*]" ${anything}`],
    ["https://(a|b).example", `"https://(a|b).example" ${anything}`],
    [" ", '" " holds a blank value: remove it'],
  ])("the patterns cannot hold %j", (value, problem) => {
    expect(problemsOf([], [value])).toEqual([problem]);
  });

  it("names every problem, and keeps what is right", () => {
    const { policy, problems } = compileOriginPolicy(
      ["a.example", "https://b.example", "c.example"],
      ["d.example"],
    );
    expect(problems).toHaveLength(3);
    expect(isOriginAllowed(policy, "https://b.example", "https", "server.example")).toBe(true);
  });

  it("refuses what is not a string", () => {
    expect(problemsOf([/a/ as unknown as string])).toEqual(["/a/ is no string: write the origin as text"]);
  });

  it("never throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        const { policy } = compileOriginPolicy([value, `https://${value}`], [value, `https://${value}`]);
        isOriginAllowed(policy, value, "https", "server.example");
      }),
    );
  });
});

describe("a hostile origin of 64 KiB", () => {
  const size = 65_536;
  it.each([
    ["a".repeat(size)],
    [`https://${"a".repeat(size)}`],
    [`https://${"a.".repeat(size / 2)}!`],
    [`https://${"a".repeat(size)}:${"1".repeat(size)}`],
    [`https://[${":".repeat(size)}`],
    [`https://${"A".repeat(size)}/`],
    [" ".repeat(size) + "x"],
    [`${"https://".repeat(size / 8)}`],
    ["/".repeat(size)],
  ])("gets its answer whatever its length (%#)", (hostile) => {
    const { policy } = compileOriginPolicy(
      ["https://a.example"],
      [`https://${"*a".repeat(40)}*b`, `https://${"*a.".repeat(40)}example:[*]`, "https://*.example"],
    );
    expect(isOriginAllowed(policy, hostile, "https", hostile.slice(8))).toBe(
      hostile === `https://${"a".repeat(size)}`,
    );
  });
});
