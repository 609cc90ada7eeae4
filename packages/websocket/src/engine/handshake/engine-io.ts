/**
 * Whether this listener is that of engine.io, which is beneath socket.io, and ends the upgrades of others: it keeps the
 * option `destroyUpgrade` to itself, but listens for the errors of a socket only when it is going to end it.
 */
export function endsUpgradesOfOthers(listener: (...args: never[]) => unknown): boolean {
  if (!Function.prototype.toString.call(listener).includes("destroyUpgrade")) return false;
  let listens = false;
  const socket = {
    on() {
      listens = true;
      // Or it would start its timer.
      throw new Error("not a socket");
    },
  };
  try {
    const answer: unknown = Reflect.apply(listener, undefined, [{ url: "" }, socket, Buffer.alloc(0)]);
    // Of a listener that is asynchronous, and so none of engine.io.
    Promise.resolve(answer).catch(() => {});
  } catch {
    // It was asked only for what it does first.
  }
  return listens;
}
