const FIRST_MS = 30_000;
const MINUTE_MS = 60_000;

/**
 * Says after half a minute, and then at each full one, that it goes on: an installation may take long, and package managers
 * are silent where there is no terminal.
 */
export async function sayStillInstalling<T>(installing: Promise<T>, say: (line: string) => void): Promise<T> {
  let minutes = 0;
  const next = () => {
    say(
      `Still installing after ${minutes === 0 ? "30 s" : `${minutes} min`}; Ctrl-C leaves a whole project.`,
    );
    timer = setTimeout(next, minutes === 0 ? MINUTE_MS - FIRST_MS : MINUTE_MS);
    minutes += 1;
  };
  let timer = setTimeout(next, FIRST_MS);
  try {
    return await installing;
  } finally {
    clearTimeout(timer);
  }
}
