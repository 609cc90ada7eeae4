import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { templates } from "../src/templates";

// As they travel in the package.
const built = join(__dirname, "../dist/templates");

describe.each(templates.map(({ name }) => name))("what %s says to its reader", (name) => {
  const texts = readdirSync(join(built, name))
    .filter((file) => file.endsWith(".md") || file === ".env.example")
    .map((file) => ({ file, text: readFileSync(join(built, name, file), "utf8") }));

  test("a path with a variable is in quotes, which shells take away, and braces not", () => {
    const commands = texts.flatMap(({ text }) => text.match(/create-ws-app generate [^`\n]*/g) ?? []);
    expect(commands.length).toBeGreaterThan(0);
    expect(commands.filter((command) => /--path [^"\s]*\{/.test(command))).toEqual([]);
  });

  test("this command is run such that npx asks nothing, for which it would need a terminal", () => {
    for (const document of ["README.md", "AGENTS.md"]) {
      const [page] = texts.filter(({ file }) => file === document);
      const commands = page?.text.match(/\S+ \S+ create-ws-app generate|npx create-ws-app/g) ?? [];
      expect([...new Set(commands)]).toEqual([expect.stringMatching(/^`?npx --yes create-ws-app generate$/)]);
    }
  });

  test(".env, which is a copy of the example, does not ask to be written", () => {
    const [example] = texts.filter(({ file }) => file === ".env.example");
    expect(example?.text).toContain("PORT=8080\n");
    expect(example?.text).not.toMatch(/copy/i);
  });
});
