const BUSY = new Set(["EPERM", "EBUSY", "EACCES"]);
const WAITS_MS = [10, 20, 50, 100, 200, 400];

/**
 * Repeats what fails on Windows while another program, such as a virus scanner, looks at a file that was just written. It
 * waits without giving way, so that no signal gets in between.
 */
export function patiently(action: () => void, onWindows = process.platform === "win32"): void {
  for (const wait of onWindows ? WAITS_MS : []) {
    try {
      return action();
    } catch (error) {
      if (!BUSY.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, wait);
    }
  }
  action();
}
