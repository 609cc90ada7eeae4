/** What the person at the keyboard can mend. Its message is printed as it is, without a stack; the exit code is 1. */
export class Problem extends Error {}

/** A signal came. What it left behind is in the message. */
export class Interrupted extends Error {
  constructor(
    message: string,
    readonly exitCode = 130,
  ) {
    super(message);
  }
}

/** A full disk, a directory that is not ours to write into: its message says what and where. */
export function isOfTheSystem(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}
