import { cannotConnect } from "./client-errors";
import { cannotListen, display, reasonOf, sentence } from "./errors";

describe("a server that cannot listen", () => {
  test.each([
    ["EADDRINUSE", "something listens there already. Stop it, or give another port (0 takes a free one)."],
    ["EACCES", "this user may not open that port. Take one above 1023."],
    ["EADDRNOTAVAIL", "this machine has no such address. Leave the option host out to listen on all."],
    [
      "ENOTFOUND",
      "the name of the host has no address. Mend the option host, or leave it out to listen on all.",
    ],
    [
      "EAI_AGAIN",
      "the name of the host has no address. Mend the option host, or leave it out to listen on all.",
    ],
  ])("for %s says what to do", (code, text) => {
    const cause = Object.assign(new Error(`listen ${code}`), { code });
    const error = cannotListen("10.0.0.7:80", cause);
    expect(error.message).toBe(`[VERNAL_CANNOT_LISTEN] The server cannot listen on 10.0.0.7:80: ${text}`);
    expect(error.cause).toBe(cause);
  });

  test("for any other reason gives the reason", () => {
    expect(cannotListen("*:80", new Error("listen EMFILE: too many open files")).message).toBe(
      "[VERNAL_CANNOT_LISTEN] The server cannot listen on *:80: listen EMFILE: too many open files. " +
        "Check the options port, host and tls.",
    );
  });
});

test("a host with several addresses is unreachable for the reason of the first", () => {
  const each = [new Error("connect ETIMEDOUT ::1:80"), new Error("connect ETIMEDOUT 127.0.0.1:80")];
  const cause = Object.assign(new AggregateError(each), { code: "ETIMEDOUT" });
  expect(cannotConnect("ws://localhost/ws", cause).message).toBe(
    "[VERNAL_CANNOT_CONNECT] There is no connection to ws://localhost/ws: connect ETIMEDOUT ::1:80. " +
      "See whether a WebSocket server answers there, and what its log says.",
  );
  expect(
    cannotConnect("ws://localhost/ws", Object.assign(new Error(""), { code: "EPIPE" })).message,
  ).toContain(": EPIPE. See whether");
});

test("a reason is the first line of what was thrown, and a sentence", () => {
  expect(reasonOf(new Error("no such table\nat line 3"))).toBe("no such table");
  expect(reasonOf(undefined)).toBe("undefined");
  expect(sentence("no such table")).toBe("no such table.");
  expect(sentence(new Error("Really?"))).toBe("Really?");
  expect(sentence(new Error(""))).toBe("it gave no reason.");
});

test("values are shown short and on one line", () => {
  expect(display("a\nb")).toBe('"a\\nb"');
  expect(display("x".repeat(100))).toBe(`"${"x".repeat(60)}…"`);
  expect(display(class Chat {})).toBe("the class or function Chat");
  expect(display(() => {})).toBe("a function");
  expect(display(Object.create(null))).toBe("an object (no class)");
  expect(display(new Map())).toBe("an object (Map)");
  expect(display(NaN)).toBe("NaN");
});
