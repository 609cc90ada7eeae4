// Runs the snippets of one page, named as arguments: loads one after the other and closes the applications.
const net = require("node:net");
const { basename } = require("node:path");
const { setTimeout: sleep } = require("node:timers/promises");
const { WebSocketApplication } = require("@vernal/websocket");

// For what goes wrong behind a promise that nobody waits for.
const PATIENCE_MS = 200;

let current;
const problems = [];
const applications = new Set();

const { listen } = net.Server.prototype;
// The ports that pages name may be taken.
net.Server.prototype.listen = function (first, ...others) {
  const anyPort = typeof first === "object" ? { ...first, port: 0 } : 0;
  return listen.call(this, anyPort, ...others);
};
for (const door of ["run", "start", "attach"]) {
  const open = WebSocketApplication[door];
  WebSocketApplication[door] = (...args) => {
    const opening = open.apply(WebSocketApplication, args);
    applications.add(opening);
    return opening;
  };
}
const failed = (error) => problems.push(`up to ${current}: ${error?.stack ?? error}`);
process.on("unhandledRejection", failed).on("uncaughtException", failed);
console.log = () => undefined;

runAll().then(() => {
  for (const problem of problems) console.error(problem);
  process.exit(problems.length > 0 ? 1 : 0);
});

async function runAll() {
  for (const file of process.argv.slice(2)) {
    current = basename(file);
    try {
      require(file);
    } catch (error) {
      failed(error);
    }
  }
  await sleep(PATIENCE_MS);
  for (const opening of applications) {
    try {
      await (await opening).close();
    } catch (error) {
      failed(error);
    }
  }
}
