import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** What some tests need and npm does not bring. */
const programs = [
  {
    tests: "browser",
    name: "Chromium",
    cure: "Install chromium, or set CHROMIUM_PATH to a Chromium or Chrome, and run again.",
    path: find({
      chosen: "CHROMIUM_PATH",
      names: ["chromium", "chromium-browser", "google-chrome", "Chromium", "Google Chrome"],
      usualPlaces: [
        "/usr/bin",
        "/usr/local/bin",
        "/snap/bin",
        "/opt/google/chrome",
        "/Applications/Chromium.app/Contents/MacOS",
        "/Applications/Google Chrome.app/Contents/MacOS",
      ],
    }),
    variable: "VERNAL_CHROMIUM",
    isRequired: process.env.VERNAL_BROWSER === "required",
  },
  {
    tests: "proxy",
    name: "nginx",
    cure: "Install nginx, or set NGINX_PATH to one, and run again.",
    // Debian keeps it where only root looks.
    path: find({
      chosen: "NGINX_PATH",
      names: ["nginx"],
      usualPlaces: ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin"],
    }),
    variable: "VERNAL_NGINX",
    isRequired: process.env.VERNAL_PROXY === "required",
  },
];

/** The kinds of tests that need a program: those of `browser` are in files named `….browser.test.ts`. */
export const kindsOfTests = programs.map(({ tests }) => tests);

export const missingPrograms = programs.filter(({ path }) => path === undefined);

/** What jest is called with, so that the tests find their programs and those without one are left out. */
export const jestArguments = missingPrograms.map(
  ({ tests }) => `--testPathIgnorePatterns=\\.${tests}\\.test\\.ts$`,
);
export const jestEnvironment = Object.fromEntries(
  programs.filter(({ path }) => path !== undefined).map(({ variable, path }) => [variable, path]),
);

function find({ chosen, names, usualPlaces }) {
  const { [chosen]: path, PATH = "" } = process.env;
  if (path) return isProgram(path) ? path : undefined;
  return [...PATH.split(delimiter), ...usualPlaces]
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find(isProgram);
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
