import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { createLogger, escapeForLog } from "./logging";

describe("the level", () => {
  it.each(["trace", "debug", "info", "warn", "error", "fatal", "silent"])(
    "is %s where LOG_LEVEL says so",
    (level) => {
      expect(createLogger({ NODE_ENV: "production", LOG_LEVEL: level }).level).toBe(level);
      expect(createLogger({ NODE_ENV: "production", LOG_LEVEL: level.toUpperCase() }).level).toBe(level);
    },
  );

  it.each([undefined, "", "loud", "30", "constructor", "__proto__", "toString"])(
    "is info for %p",
    (level) => {
      const logger = createLogger({ NODE_ENV: "production", LOG_LEVEL: level });
      expect(logger.level).toBe("info");
      expect([logger.isLevelEnabled("info"), logger.isLevelEnabled("debug")]).toEqual([true, false]);
    },
  );
});

describe("the lines", () => {
  const root = resolve(__dirname, "../..");
  /** Standard output of a process that logs one line. */
  const logged = (environment: NodeJS.ProcessEnv, thrown = "undefined"): string => {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [
        "-e",
        `
        const ts = require("typescript");
        const source = require("node:fs").readFileSync(${JSON.stringify(join(__dirname, "logging.ts"))}, "utf8");
        const { outputText } = ts.transpileModule(source, { compilerOptions: { module: "commonjs", target: "es2023" } });
        const module_ = { exports: {} };
        new Function("exports", "require", outputText)(module_.exports, require);
        const logger = module_.exports.createLogger(process.env);
        logger.info({ session: "s1", err: ${thrown} }, "hello");
        console.log(Object.keys(require.cache).some((file) => file.includes("pino-pretty")) ? "pretty" : "plain");
        `,
      ],
      { cwd: root, encoding: "utf8", env: { PATH: process.env["PATH"], ...environment } },
    );
    expect(stderr).toBe("");
    return stdout;
  };

  it("are JSON in production, where pino-pretty is not loaded", () => {
    const [line, loaded] = logged({ NODE_ENV: "production" }).trim().split("\n");
    expect(JSON.parse(line!)).toMatchObject({ level: 30, msg: "hello", session: "s1" });
    expect(loaded).toBe("plain");
  });

  it("hold no control characters of a peer, also in errors, which JSON escapes by itself", () => {
    const output = logged({ NODE_ENV: "development" }, 'new Error("a\\u001b[2Jb\\rc")');
    expect(output).toContain("a\\u001b[2Jb\\u000dc");
    expect(output).not.toContain("\u001b");
  });

  it("are for people anywhere else", () => {
    const output = logged({ NODE_ENV: "development" });
    expect(output).toMatch(/^\[\d\d:\d\d:\d\d\] INFO: hello\b.*s1/s);
    expect(output).not.toContain("pid");
    expect(output.trim().endsWith("pretty")).toBe(true);
  });
});

describe("text of a peer", () => {
  it.each([
    ["line breaks", "a\r\nb", "a\\u000d\\u000ab"],
    ["an escape sequence of a terminal", "\u001b[31mred", "\\u001b[31mred"],
    ["NUL and DEL", "\u0000\u007f", "\\u0000\\u007f"],
    ["control characters of Latin-1", "\u0080\u009f", "\\u0080\\u009f"],
    ["the line breaks of Unicode", "\u2028\u2029", "\\u2028\\u2029"],
    ["marks that turn the line around", "a\u202eb\u2066c", "a\\u202eb\\u2066c"],
    ["half a surrogate pair", "\ud83d", "\\ud83d"],
  ])("has %s escaped", (_, text, escaped) => {
    expect(escapeForLog(text)).toBe(escaped);
  });

  it.each(["/ws/chat", "https://chat.example", "안녕 😀", "", "%0d%0a", "a\u00a0b\u200db"])(
    "is left alone where it is harmless: %j",
    (text) => {
      expect(escapeForLog(text)).toBe(text);
    },
  );

  it("is cut after 200 characters", () => {
    expect(escapeForLog("a".repeat(200))).toBe("a".repeat(200));
    expect(escapeForLog("a".repeat(201))).toBe(`${"a".repeat(200)}…`);
    expect(escapeForLog("\n".repeat(10_000))).toBe(`${"\\u000a".repeat(200)}…`);
  });

  it("never breaks a line, never grows without end, and stays text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
        const escaped = escapeForLog(text);
        expect(escaped).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(escaped.length).toBeLessThanOrEqual(1201);
      }),
    );
  });
});
