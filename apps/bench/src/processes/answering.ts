import type { Answer, Question, Usage } from "./questions";

type Answers = Readonly<Record<string, (argument: never) => unknown>>;

/** The child's side: answers what the parent asks, and ends with it. */
export function answer(answers: Answers): void {
  process.on("message", (question: Question) => {
    void answerOne(answers, question).then((message) => process.send?.(message));
  });
  process.on("disconnect", () => process.exit());
}

/** By the accounting of the operating system: user and system time of all threads. */
export function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuMicroseconds: user + system, atMicroseconds: Number(process.hrtime.bigint() / 1000n) };
}

async function answerOne(answers: Answers, { id, name, argument }: Question): Promise<Answer> {
  try {
    return { id, value: await answers[name]!(argument as never) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}
