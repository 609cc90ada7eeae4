// Where a file of a template lies here is not where it lies for those who have written a project of it.
const templates = /^packages\/create-ws-app\/templates\/[^/]+\//;

/** Shows which file a code block is: ```ts file=main.ts is imported by others of its page, ```ts quote=apps/… is cited. */
export function nameCodeBlocks(markdown) {
  const { fence } = markdown.renderer.rules;
  markdown.renderer.rules.fence = (tokens, index, ...rest) => {
    const [, name] = /\s(?:file|quote)=(\S+)/.exec(tokens[index].info) ?? [];
    const block = fence(tokens, index, ...rest);
    if (name === undefined) return block;
    const text = markdown.utils.escapeHtml(name.replace(templates, ""));
    return `<div class="named-code"><div class="code-name" v-pre>${text}</div>${block}</div>`;
  };
}
