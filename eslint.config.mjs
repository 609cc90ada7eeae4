import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import globals from "globals";
import tseslint from "typescript-eslint";

export default defineConfig(
  // The consumers' dependencies are installed elsewhere; there, their own compilers check them.
  globalIgnores([
    "**/dist/",
    "**/coverage/",
    "scripts/consumers/",
    "docs/.vitepress/cache/",
    "docs/.vitepress/.temp/",
  ]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["jest.config.ts"] },
        // The configuration of written projects is loaded beside this one.
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-explicit-any": "error",
      // Injection reads the classes that constructor parameters name; `import type` would erase them.
      "@typescript-eslint/consistent-type-imports": "off",
      // Types are empty so that users can add to them: `interface SessionAttributes {}`.
      "@typescript-eslint/no-empty-object-type": ["error", { allowInterfaces: "always" }],
      // zlib, pino-pretty and the like are loaded at first use, by CommonJS means.
      "@typescript-eslint/no-require-imports": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
    },
  },
  {
    // Callbacks of handlers may be asynchronous or not; tests implement both.
    files: ["**/*.test.ts"],
    rules: { "@typescript-eslint/require-await": "off" },
  },
  {
    files: ["**/*.{mjs,cjs}"],
    languageOptions: { globals: globals.node },
  },
  {
    files: ["apps/*/public/**/*.js", "packages/create-ws-app/templates/*/public/**/*.js"],
    languageOptions: { sourceType: "module", globals: globals.browser },
  },
);
