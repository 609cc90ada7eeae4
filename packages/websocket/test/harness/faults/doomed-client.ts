import { CloseStatus } from "../../../src/index";
import { clientFrame, RawConnection, upgradeRequest } from "../raw-connection";
import { turns } from "../turns";
import { until } from "../until";
import type { Life } from "./life";
import { describePlan } from "./plan";

const TEXT = 1;
const CLOSE = 8;
const OVERSIZED = clientFrame(TEXT, "", { length: 1_048_576n });
const COMPRESSED_GARBAGE = clientFrame(TEXT, "no stream of zlib", { reserved: 4 });
/** Reserved bits, set in a frame and impossible in a head. */
const GARBAGE = Buffer.from([0xf3, 0xff, 0x00, 0x0d, 0x0a, 0x0d, 0x0a]);

/** Lives through a plan, from the connection to its end on both sides. */
export async function die(port: number, life: Life): Promise<void> {
  const { plan } = life;
  const connection = await RawConnection.open(port);
  try {
    await comeToMoment(connection, life);
    await turns(plan.delay);
    cut(connection, life);
    if (plan.answersClose && plan.moment !== "full buffer") void answer(connection);
    await until(`the end of ${describePlan(plan)}`, () =>
      life.session === undefined ? connection.isEnded : life.isOver,
    );
  } finally {
    connection.socket.destroy();
  }
}

async function comeToMoment(connection: RawConnection, life: Life): Promise<void> {
  const { plan } = life;
  const extensions = plan.path === "/compressed" ? ["Sec-WebSocket-Extensions: permessage-deflate"] : [];
  const head = Buffer.from(upgradeRequest(`${plan.path}/${plan.number}`, extensions));
  if (plan.moment === "half a head") return connection.write(head.subarray(0, head.length * plan.part));

  const messages = Array.from({ length: plan.messages }, (_, index) => clientFrame(TEXT, String(index)));
  if (plan.isHasty) life.sent = messages.length;
  const first = plan.isHasty ? Buffer.concat([head, ...messages]) : head;
  const middle = Math.floor(first.length * plan.part);
  connection.write(first.subarray(0, middle));
  if (plan.isHasty) await turns(1);
  connection.write(first.subarray(middle));
  if (plan.moment === "head") return;
  if (isInHandshake(plan.moment)) return untilMoment(connection, life);

  const { status } = await connection.answer();
  // The user has no seat left.
  if (status === 429) return;
  if (status !== 101) throw new Error(`${describePlan(plan)}: answered with ${status}`);
  life.sawOpening = true;
  if (!plan.isHasty) for (const message of messages) connection.write(message);
  life.sent = messages.length;
  if (plan.moment === "full buffer") {
    connection.socket.pause();
    connection.writeFrame(TEXT, "flood");
    await untilMoment(connection, life);
    await turns(20);
  } else if (plan.moment === "close handshake") {
    if (plan.fromInside) connection.writeFrame(TEXT, "close");
    else connection.writeFrame(CLOSE, Buffer.from([3, 232]));
  } else if (plan.moment === "handleMessage") {
    life.sent += 1;
    connection.writeFrame(TEXT, "now");
    await untilMoment(connection, life);
  } else if (plan.moment === "afterConnectionEstablished") {
    await untilMoment(connection, life);
  }
}

function isInHandshake(moment: string): boolean {
  return ["beforeHandshake", "determineUser", "afterHandshake"].includes(moment);
}

function untilMoment(connection: RawConnection, life: Life): Promise<void> {
  const what = `the moment of ${describePlan(life.plan)}`;
  return until(what, () => life.isAtMoment || life.isOver || connection.isEnded);
}

function cut(connection: RawConnection, { plan, session }: Life): void {
  const { socket } = connection;
  switch (plan.cut) {
    case "FIN":
      return void socket.end(() => socket.destroy());
    case "half-close":
      return void socket.end();
    case "throw":
      // What afterHandshake throws is only logged.
      if (plan.moment === "afterHandshake") socket.resetAndDestroy();
      return;
    case "RST":
      return void socket.resetAndDestroy();
    case "garbage":
      return connection.write(plan.path === "/compressed" ? COMPRESSED_GARBAGE : GARBAGE);
    case "oversized message":
      return connection.write(OVERSIZED);
    case "close frame":
      return connection.writeFrame(CLOSE, Buffer.from([3, 232]));
    case "close frame and RST":
      connection.socket.write(clientFrame(CLOSE, ""), () => socket.resetAndDestroy());
      return;
    case "terminate()":
      return session?.native.terminate();
    case "close()":
      return session?.close(new CloseStatus(4001, "planned"));
  }
}

async function answer(connection: RawConnection): Promise<void> {
  try {
    await connection.answerClose();
  } catch {
    // It had ended before, or was never opened.
  }
}
