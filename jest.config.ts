/**
 * Read through ts-node, because Node 20 cannot load TypeScript; ts-node still asks for a module
 * resolution that TypeScript 6 deprecates.
 *
 * @jest-config-loader-options {"transpileOnly": true, "compilerOptions": {"module": "commonjs", "ignoreDeprecations": "6.0"}}
 */
import type { Config } from "jest";

type Project = Exclude<NonNullable<Config["projects"]>[number], string>;

const project = (displayName: string, folder: string): Project => ({
  displayName,
  rootDir: "<rootDir>",
  roots: [`<rootDir>/${folder}`],
  testMatch: [`<rootDir>/${folder}/{src,test}/**/*.test.ts`],
  transform: { "\\.ts$": ["ts-jest", { tsconfig: `<rootDir>/${folder}/tsconfig.json` }] },
  // The source, not the build: stack traces point at it, and there is one copy of each class.
  moduleNameMapper: { "^@vernal/(websocket|testing)$": "<rootDir>/packages/$1/src/index.ts" },
  testEnvironment: "node",
});

const config: Config = {
  testSequencer: "<rootDir>/scripts/slow-tests-first.cjs",
  projects: [
    project("websocket", "packages/websocket"),
    project("testing", "packages/testing"),
    project("create-ws-app", "packages/create-ws-app"),
    project("template-minimal", "packages/create-ws-app/templates/minimal"),
    project("template-express", "packages/create-ws-app/templates/express"),
    project("template-client-and-server", "packages/create-ws-app/templates/client-and-server"),
    project("template-client", "packages/create-ws-app/templates/client-and-server/client"),
    project("template-server", "packages/create-ws-app/templates/client-and-server/server"),
    project("chat", "apps/chat"),
    project("spring-article", "apps/spring-article"),
    project("authentication", "apps/authentication"),
    project("bench", "apps/bench"),
    project("site", "docs"),
  ],
};

export default config;
