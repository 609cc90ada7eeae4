import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Application, programOf } from "./application.mjs";
import { build } from "./build.mjs";
import { serveRegistry } from "./local-registry.mjs";
import { pack } from "./pack.mjs";
import { packageManagerNames, providePackageManager } from "./package-managers.mjs";
import { isMain, run, runNode } from "./repository.mjs";
import { setup } from "./setup.mjs";
import { followStartPage } from "./start-page.mjs";
import { tryOutside, twoAtATime } from "./trials.mjs";

// What each template is asked once it runs, what it answers, what its page has, where that matters, and a change of its
// source with the answer from then on.
export const templates = {
  chat: {
    path: "/ws/rooms/lobby",
    handler: "/ws/rooms/{room}",
    says: "{",
    hears: "This is not JSON.",
    page: "<title>Vernal chat</title>",
    change: { file: "src/protocol.ts", from: "This is not JSON.", to: "That is not JSON." },
  },
  minimal: {
    path: "/ws/hello",
    handler: "/ws/hello",
    says: "Ada",
    hears: "Hello, Ada!",
    change: { file: "src/greetings.ts", from: "Hello,", to: "Good day," },
    block: { file: "src/greetings.ts", from: "return", to: 'if (name === "for ever") for (;;);\n    return' },
    follow: followStartPage,
  },
  express: {
    path: "/ws/board",
    handler: "/ws/board",
    says: "Lunch at one",
    hears: "Lunch at one",
    page: "The board",
    change: { file: "src/board.ts", from: "text.trim()", to: "text.trim().toUpperCase()" },
  },
  "client-and-server": {
    path: "/ws/poll",
    handler: "/ws/poll",
    says: '{"type":"withdraw"}',
    hears: "Where shall we have lunch?",
    page: "A show of hands",
    readPort: ["start", "dev"],
    change: { file: "server/src/poll.ts", from: "lunch", to: "dinner" },
  },
};

// Also where other paths than those of the template are to be passed on.
const generatedPath = "/api/live";
const limitMs = 180_000;
const startLimitMs = 30_000;
const restartLimitMs = 15_000;
// What `npm test` takes the time for.
const usual = ["npm", "pnpm"];

/**
 * Uses `create-ws-app` as its users do, with each of these package managers: packs the packages, writes a project of each
 * template outside of this repository, installs it, generates a handler and an interceptor in it, and runs every command
 * that it has. `VERNAL_KEEP_SCAFFOLD=1` leaves the projects where they are.
 */
export function scaffold(names = usual, templateNames = Object.keys(templates)) {
  return tryOutside("scaffold", async (folder, check) => {
    const { ok, tarballs, command } = await check("create-ws-app", (show) => prepare(folder, show));
    if (!ok) return;
    const registry = await serveRegistry(tarballs);
    try {
      const managers = new Map();
      for (const name of names) {
        await check(name, async (show) => {
          show("installing");
          managers.set(name, await providePackageManager(name, join(folder, name), registry.url));
          return { ok: true };
        });
      }
      const trials = [...managers].flatMap(([name, manager]) =>
        templateNames.map((template) => ({ name, manager, template })),
      );
      await twoAtATime(trials, ({ name, manager, template }) =>
        check(`${template}, ${name}`, (show) =>
          useTemplate(join(folder, name, "projects"), template, { manager, command, show }),
        ),
      );
    } finally {
      registry.close();
    }
  });
}

async function prepare(folder, show) {
  const packed = await pack(folder, show);
  if (!packed.ok) return packed;
  show("installing");
  const tool = join(folder, "tool");
  mkdirSync(tool);
  writeFileSync(join(tool, "package.json"), JSON.stringify({ private: true }));
  const args = ["install", packed.tarballs["create-ws-app"], "--no-audit", "--no-fund", "--loglevel=error"];
  const installed = await run("npm", args, { cwd: tool });
  return { ...installed, tarballs: packed.tarballs, command: join(tool, "node_modules/.bin/create-ws-app") };
}

async function useTemplate(folder, name, { manager, command, show }) {
  mkdirSync(folder, { recursive: true });
  const template = templates[name];
  const project = join(folder, name);
  const options = { cwd: project, limitMs };
  const isNpm = manager.command === "npm";
  const steps = [
    ["creating", () => create(name, folder, manager)],
    ["installing", () => manager.install(options)],
    ["generating", () => generate(project, command, template)],
    ["linting", () => manager.runScript("lint", options)],
    ["building", () => manager.runScript("build", options)],
    ["testing", () => manager.runScript("test", options)],
    isNpm &&
      template.follow && [
        "following the first page",
        () => template.follow(project, command, manager, options),
      ],
    ["starting", () => startAndStop(project, template)],
    ["interrupting", () => interrupt(project, template)],
    ["refusing ports", () => refusePorts(project, template)],
    // The image is built with npm.
    isNpm && ["starting what the image has", () => startImage(project, template)],
    ["developing", () => develop(project, template)],
    isNpm && template.block && ["blocking", () => block(project, template)],
  ].filter(Boolean);
  for (const [activity, step] of steps) {
    show(activity);
    try {
      const { ok, output } = await step();
      if (!ok) return { ok, output: `${activity}\n${output}` };
    } catch (error) {
      return { ok: false, output: `${activity}\n${error.message}\n` };
    }
  }
  return { ok: true };
}

async function create(name, folder, manager) {
  // `bun create` takes no short options.
  const result = await manager.create([name, "--template", name, "--no-install"], { cwd: folder, limitMs });
  const next = `${manager.command} install\n`;
  if (result.ok && !result.output.includes(next)) return { ok: false, output: `${result.output}Not ${next}` };
  if (manager.command === "yarn") avoidGaps(join(folder, name, "package.json"));
  return result;
}

/**
 * yarn looks up a package for every platform, those of others too, and a registry that mirrors another one may not have all of
 * the newest ones. The version before is there.
 */
function avoidGaps(file) {
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  manifest.resolutions = { "unrs-resolver": "1.12.2" };
  writeFileSync(file, JSON.stringify(manifest, undefined, 2));
}

async function generate(project, command, { handler }) {
  const wanted = [
    ["handler", "Invoices", "--path", "/ws/invoices/{year}/{number}"],
    ["handler", "Ping"],
    ["handler", "Live", "--path", generatedPath],
    ["interceptor", "Visitor", "--path", handler],
  ];
  for (const args of wanted) {
    const result = await runNode([command, "generate", ...args], { cwd: project });
    if (!result.ok) return result;
  }
  return { ok: true };
}

async function startAndStop(project, { path, says, hears, page }) {
  const server = await Application.start(project, programOf(project, "start"));
  try {
    await server.answers(path, says, hears, startLimitMs);
    if (page) await server.shows(page);
    const health = () =>
      runNode(["scripts/health.mjs"], { cwd: project, env: { PORT: String(server.port) } });
    if (!(await health()).ok) throw new Error("The health check says that it does not run.");
    const stopped = await server.stop();
    if ((await health()).ok) throw new Error("The health check says that it still runs.");
    return stopped;
  } finally {
    server.kill();
  }
}

async function interrupt(project, { path, says, hears }) {
  const server = await Application.start(project, programOf(project, "start"));
  try {
    await server.answers(path, says, hears, startLimitMs);
    return await server.interrupt(path);
  } finally {
    server.kill();
  }
}

/** The application answers, a file is changed, and the application answers with the change. */
async function develop(project, { path, says, hears, page, change }) {
  const server = await Application.start(project, programOf(project, "dev"));
  try {
    await server.answers(path, says, hears, startLimitMs);
    await server.answers(generatedPath, "hello", "hello", startLimitMs);
    if (page) await server.shows(page);
    server.hasNamedItsAddressLast();
    const file = join(project, change.file);
    const source = readFileSync(file, "utf8");
    if (!source.includes(change.from)) throw new Error(`${change.file} has no ${change.from} in it.`);
    writeFileSync(file, source.replaceAll(change.from, change.to));
    const { from, to } = change;
    const changed = hears.includes(from) ? hears.replaceAll(from, to) : hears.toUpperCase();
    await server.answers(path, says, changed, restartLimitMs);
    server.hasNamedItsAddressLast();
    return await server.stop();
  } finally {
    server.kill();
  }
}

/** One line for what is no port, from whatever reads it; one that is taken is said once, without a stack. */
async function refusePorts(project, { readPort = ["start"] }) {
  for (const [program, ...args] of readPort.map((script) => programOf(project, script))) {
    for (const port of ["", "80a"]) {
      const { ok, output } = await run(program, args, { cwd: project, env: { PORT: port }, limitMs });
      if (ok || !new RegExp(`^PORT is "${port}"\\. .+\n$`).test(output))
        return { ok: false, output: `With "${port}" as PORT: ${output}` };
    }
    const { ok, output } = await onTakenPort((port) =>
      run(program, args, { cwd: project, env: { PORT: port }, limitMs }),
    );
    const said = output.split("something listens there already").length - 1;
    if (ok || said !== 1 || /^ +at /m.test(output))
      return { ok: false, output: `With a port that is taken: ${output}` };
  }
  return { ok: true };
}

async function onTakenPort(action) {
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  try {
    return await action(String(server.address().port));
  } finally {
    server.close();
  }
}

/** What the image would have in it is enough to run. */
async function startImage(project, template) {
  const image = `${project}-image`;
  const last = readFileSync(join(project, "Dockerfile"), "utf8").split("\nFROM ").at(-1);
  for (const [, path] of last.matchAll(/^COPY --from=build \/app\/(\S+) /gm)) {
    if (existsSync(join(project, path)))
      cpSync(join(project, path), join(image, path), { recursive: true, verbatimSymlinks: true });
  }
  return startAndStop(image, template);
}

/** What blocks its event loop is restarted by a change, and ended by a signal. */
async function block(project, { path, says, change, block: { file, from, to } }) {
  const source = readFileSync(join(project, file), "utf8");
  const write = (greeting) =>
    writeFileSync(join(project, file), source.replace(change.to, greeting).replace(from, to));
  write("Hi,");
  const server = await Application.start(project, programOf(project, "dev"));
  try {
    await server.answers(path, says, `Hi, ${says}`, startLimitMs);
    await server.isSilent(path, "for ever");
    write("Good evening,");
    await server.answers(path, says, `Good evening, ${says}`, restartLimitMs);
    await server.isSilent(path, "for ever");
    return await server.stop();
  } finally {
    server.kill();
    writeFileSync(join(project, file), source);
  }
}

/** `undefined` stands for the default. */
const orAll = (names) => (names.length > 0 ? names : undefined);

if (isMain(import.meta.url)) {
  try {
    const names = process.argv.slice(2);
    const managers = names.filter((name) => packageManagerNames.includes(name));
    const chosen = names.filter((name) => name in templates);
    const known = [...packageManagerNames, ...Object.keys(templates)];
    const unknown = names.find((name) => !known.includes(name));
    if (unknown) throw new Error(`There is no "${unknown}"; there are ${known.join(", ")}.`);
    await setup();
    const built = await build();
    const { ok, output } = built.ok ? await scaffold(orAll(managers), orAll(chosen)) : built;
    process.stdout.write(output);
    if (!ok) process.exitCode = 1;
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
