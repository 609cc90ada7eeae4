import type { WebSocket } from "ws";
import { Pongs } from "./pongs";

type Answer = readonly [data: string, written: () => void];

function recorded(): { readonly pongs: Pongs; readonly answers: Answer[] } {
  const answers: Answer[] = [];
  const pong = (data: Buffer, _mask: unknown, written: () => void): void =>
    void answers.push([data.toString(), written]);
  return { pongs: new Pongs({ pong } as unknown as WebSocket), answers };
}

const nextTick = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

it("answers the newest ping of a turn", async () => {
  const { pongs, answers } = recorded();
  for (const data of ["1", "2", "3"]) pongs.pinged(Buffer.from(data));
  await nextTick();
  expect(answers.map(([data]) => data)).toEqual(["3"]);
});

it("gives no second answer before the first has left, and then one for all", async () => {
  const { pongs, answers } = recorded();
  pongs.pinged(Buffer.from("1"));
  await nextTick();
  for (const data of ["2", "3", "4"]) {
    pongs.pinged(Buffer.from(data));
    await nextTick();
  }
  expect(answers).toHaveLength(1);
  answers[0]![1]();
  expect(answers.map(([data]) => data)).toEqual(["1", "4"]);
  answers[1]![1]();
  expect(answers).toHaveLength(2);
});
