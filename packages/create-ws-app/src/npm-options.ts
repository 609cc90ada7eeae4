/** Ours that npm has no meaning of its own for. */
const OURS = ["template", "t", "pm", "install", "overwrite", "interactive"];

/**
 * The option of this command that was typed where npm takes options for itself, which is everywhere before two dashes. npm
 * drops it, or leaves its value as if it were a directory; what it saw is in its environment.
 */
export function optionKeptByNpm(environment: NodeJS.ProcessEnv): string | undefined {
  if (!environment["npm_config_user_agent"]?.startsWith("npm/")) return undefined;
  const valueOf = (option: string) => environment[`npm_config_${option}`];
  const kept = OURS.find((option) => valueOf(option) !== undefined);
  if (kept !== undefined) return `${kept.length === 1 ? "-" : "--"}${valueOf(kept) ? "" : "no-"}${kept}`;
  if (valueOf("dry_run") === "true") return "--dry-run";
  return valueOf("git") === "false" ? "--no-git" : undefined;
}
