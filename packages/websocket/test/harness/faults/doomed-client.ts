import { encodeRawFrame, type RawConnection } from "@vernal/testing";
import { CloseStatus } from "../../../src/index";
import { answerClose, openRaw, upgradeRequest } from "../raw-connection";
import { turns } from "../turns";
import { until } from "../until";
import type { Life } from "./life";
import { describePlan } from "./plan";

const TEXT = 1;
const CLOSE = 8;
const OVERSIZED = encodeRawFrame({ opcode: TEXT, claimedLength: 1_048_576n });
const COMPRESSED_GARBAGE = encodeRawFrame({ opcode: TEXT, payload: "no stream of zlib", reserved: 4 });
/** Reserved bits, set in a frame and impossible in a head. */
const GARBAGE = Buffer.from([0xf3, 0xff, 0x00, 0x0d, 0x0a, 0x0d, 0x0a]);

/** Lives through a plan, from the connection to its end on both sides. */
export async function die(port: number, life: Life): Promise<void> {
  const { plan } = life;
  const connection = await openRaw(port);
  try {
    await comeToMoment(connection, life);
    await turns(plan.delay);
    cut(connection, life);
    if (plan.answersClose && plan.moment !== "full buffer") void answer(connection);
    await until(`the end of ${describePlan(plan)}`, () =>
      life.session === undefined ? connection.isEnded : life.isOver,
    );
  } finally {
    connection.destroy();
  }
}

async function comeToMoment(connection: RawConnection, life: Life): Promise<void> {
  const { plan } = life;
  const extensions = plan.path === "/compressed" ? ["Sec-WebSocket-Extensions: permessage-deflate"] : [];
  const head = Buffer.from(upgradeRequest(`${plan.path}/${plan.number}`, extensions));
  if (plan.moment === "half a head") return send(connection, head.subarray(0, head.length * plan.part));

  const messages = Array.from({ length: plan.messages }, (_, index) =>
    encodeRawFrame({ opcode: TEXT, payload: String(index) }),
  );
  if (plan.isHasty) life.sent = messages.length;
  const first = plan.isHasty ? Buffer.concat([head, ...messages]) : head;
  const middle = Math.floor(first.length * plan.part);
  send(connection, first.subarray(0, middle));
  if (plan.isHasty) await turns(1);
  send(connection, first.subarray(middle));
  if (plan.moment === "head") return;
  if (isInHandshake(plan.moment)) return untilMoment(connection, life);

  const { status } = await connection.answer();
  // The user has no seat left.
  if (status === 429) return;
  if (status !== 101) throw new Error(`${describePlan(plan)}: answered with ${status}`);
  life.sawOpening = true;
  if (!plan.isHasty) for (const message of messages) send(connection, message);
  life.sent = messages.length;
  if (plan.moment === "full buffer") {
    connection.pause();
    send(connection, encodeRawFrame({ opcode: TEXT, payload: "flood" }));
    await untilMoment(connection, life);
    await turns(20);
  } else if (plan.moment === "close handshake") {
    if (plan.fromInside) send(connection, encodeRawFrame({ opcode: TEXT, payload: "close" }));
    else send(connection, encodeRawFrame({ opcode: CLOSE, payload: Buffer.from([3, 232]) }));
  } else if (plan.moment === "handleMessage") {
    life.sent += 1;
    send(connection, encodeRawFrame({ opcode: TEXT, payload: "now" }));
    await untilMoment(connection, life);
  } else if (plan.moment === "afterConnectionEstablished") {
    await untilMoment(connection, life);
  }
}

/** Also where the connection has ended, which is what happens here all the time. */
function send({ native }: RawConnection, bytes: Buffer): void {
  native.write(bytes);
}

function isInHandshake(moment: string): boolean {
  return ["beforeHandshake", "determineUser", "afterHandshake"].includes(moment);
}

function untilMoment(connection: RawConnection, life: Life): Promise<void> {
  const what = `the moment of ${describePlan(life.plan)}`;
  return until(what, () => life.isAtMoment || life.isOver || connection.isEnded);
}

function cut(connection: RawConnection, { plan, session }: Life): void {
  const { native } = connection;
  switch (plan.cut) {
    case "FIN":
      return void native.end(() => native.destroy());
    case "half-close":
      return connection.finish();
    case "throw":
      // What afterHandshake throws is only logged.
      if (plan.moment === "afterHandshake") connection.reset();
      return;
    case "RST":
      return connection.reset();
    case "garbage":
      return send(connection, plan.path === "/compressed" ? COMPRESSED_GARBAGE : GARBAGE);
    case "oversized message":
      return send(connection, OVERSIZED);
    case "close frame":
      return send(connection, encodeRawFrame({ opcode: CLOSE, payload: Buffer.from([3, 232]) }));
    case "close frame and RST":
      native.write(encodeRawFrame({ opcode: CLOSE }), () => connection.reset());
      return;
    case "terminate()":
      return session?.native.terminate();
    case "close()":
      return session?.close(new CloseStatus(4001, "planned"));
  }
}

async function answer(connection: RawConnection): Promise<void> {
  try {
    await answerClose(connection);
  } catch {
    // It had ended before, or was never opened.
  }
}
