import { compileErrors } from "./fixtures/compile-errors";

const WRONG: readonly (readonly [code: string, error: string])[] = [
  ['new RecordingSession({ idd: "x" })', "'idd' does not exist"],
  ['new RecordingSession({ pathVariables: { room: "a" }, idd: "x" })', "'idd' does not exist"],
  ['new RecordingSession({ pathVariables: { room: "a" }, principal: { nam: "x" } })', "'nam' does not exist"],
  ["new RecordingSession<{ room: string }>()", "Expected 1 arguments, but got 0"],
  ['new RecordingSession<{ room: string }>({ id: "x" })', "Property 'pathVariables' is missing"],
  ['new RecordingSession<{ room: string }>({ pathVariables: { rom: "a" } })', "'rom' does not exist"],
  ["new RecordingSession().close(CloseStatus.NO_CLOSE_FRAME)", "not assignable to parameter of type"],
];

describe("what does not fit a recording session is named by the compiler", () => {
  const imports = `import { CloseStatus } from "@vernal/websocket"; import { RecordingSession } from "./index";`;
  const errors = compileErrors([imports, ...WRONG.map(([code]) => `${code};`)].join("\n"));

  it.each(WRONG.map(([code, error], index) => [code, error, index] as const))(
    "%s: %s",
    (_code, error, index) => {
      expect(errors[index]).toContain(error);
    },
  );

  it("is all that the compiler names", () => expect(errors).toHaveLength(WRONG.length));
});
