/**
 * Tells that `work` is still going on whenever nothing was printed for a while, less often the longer it takes: a silent
 * screen looks hung.
 */
export async function showingProgress(describe, work) {
  const started = Date.now();
  let lastOutput = started;
  const print = (text) => {
    lastOutput = Date.now();
    process.stdout.write(text);
  };
  const timer = setInterval(() => {
    if (Date.now() - lastOutput < 1500 + (Date.now() - started) / 10) return;
    print(`  ${describe()}, ${Math.round((Date.now() - started) / 1000)} s\n`);
  }, 250);
  try {
    return await work(print);
  } finally {
    clearInterval(timer);
  }
}
