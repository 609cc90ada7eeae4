import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  globalIgnores(["**/dist/", "**/coverage/", "**/public/"]),
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Injection reads the classes that constructor parameters name; `import type` would erase them.
      "@typescript-eslint/consistent-type-imports": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      // A new kind of message has to be handled wherever messages are told apart.
      "@typescript-eslint/switch-exhaustiveness-check": "error",
    },
  },
  {
    // Callbacks of handlers may be asynchronous or not; tests implement both.
    files: ["**/*.test.ts"],
    rules: { "@typescript-eslint/require-await": "off" },
  },
  {
    files: ["**/*.mjs"],
    languageOptions: {
      globals: Object.fromEntries(
        ["clearTimeout", "console", "fetch", "process", "setTimeout"].map((name) => [name, "readonly"]),
      ),
    },
  },
);
