import { unknownTemplate } from "./errors";

export interface Template {
  readonly name: string;
  readonly description: string;
  /** What to do once it runs. */
  readonly firstStep: string;
}

/** The first one is the default. */
export const templates: readonly [Template, ...Template[]] = [
  {
    name: "chat",
    description: "rooms, history and reconnection, with a page",
    firstStep: "Open http://localhost:8080 in two tabs.",
  },
  {
    name: "minimal",
    description: "one handler, one test",
    firstStep: "README.md says how to talk to it.",
  },
  {
    name: "express",
    description: "handlers on the server of an express application",
    firstStep: "Open http://localhost:8080.",
  },
  {
    name: "client-and-server",
    description: "a page and its server in one workspace",
    firstStep: "Open http://localhost:8080 in two tabs, and vote.",
  },
];

/** @throws Problem */
export function findTemplate(name: string): Template {
  const found = templates.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw unknownTemplate(
    name,
    templates.map((each) => each.name),
  );
}
