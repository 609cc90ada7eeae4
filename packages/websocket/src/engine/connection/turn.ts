import { setImmediate } from "./event-loop";

let current = 0;
let isCounting = false;

/** A number that is another one in each turn of the event loop. */
export function currentTurn(): number {
  if (!isCounting) {
    isCounting = true;
    setImmediate(endTurn);
  }
  return current;
}

function endTurn(): void {
  current += 1;
  isCounting = false;
}
