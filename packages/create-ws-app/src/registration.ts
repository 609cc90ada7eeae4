interface Interceptor {
  /** The path of the handler. */
  readonly path: string;
  readonly className: string;
  /** As the handler's file imports it. */
  readonly module: string;
}

/** Adds an interceptor to the decorator of the handler of a path; `undefined` where that is written in another way. */
export function register(source: string, { path, className, module }: Interceptor): string | undefined {
  const start = `@WebSocketHandler(${JSON.stringify(path)}`;
  const at = source.indexOf(start);
  if (at === -1) return undefined;
  const rest = source.slice(at + start.length);
  const changed = withInterceptor(rest, className);
  if (changed === undefined) return undefined;
  return withImport(source.slice(0, at) + start + changed, `import { ${className} } from "${module}";`);
}

/** @param rest what follows the path in the decorator: `)` or `, { … })`. */
function withInterceptor(rest: string, className: string): string | undefined {
  const bare = /^\s*,?\s*\)/.exec(rest);
  if (bare !== null) return `, { interceptors: [${className}] })${rest.slice(bare[0].length)}`;
  const start = /^\s*,\s*\{/.exec(rest)?.[0];
  if (start === undefined) return undefined;
  const end = closingOf(rest, start.length - 1);
  const list = /\binterceptors:\s*\[/.exec(rest.slice(0, end));
  if (list === null) return `${start} interceptors: [${className}],${rest.slice(start.length)}`;
  // Behind those that are there: they run in the order in which they stand.
  const open = list.index + list[0].length;
  const close = closingOf(rest, open - 1);
  const present = rest.slice(open, close).trimEnd().replace(/,$/, "");
  return `${rest.slice(0, open)}${present}${present === "" ? "" : ", "}${className}${rest.slice(close)}`;
}

/** Where the bracket closes that opens there; brackets in strings do not count. */
function closingOf(text: string, opening: number): number {
  let depth = 0;
  for (const { 0: token, index } of text.slice(opening).matchAll(/"[^"\n]*"|'[^'\n]*'|`[^`]*`|[{}[\]()]/g)) {
    if (/^[{[(]$/.test(token)) depth += 1;
    else if (/^[}\])]$/.test(token)) depth -= 1;
    if (depth === 0) return opening + index;
  }
  return text.length;
}

/** Behind the last import. */
function withImport(source: string, line: string): string {
  const imports = [...source.matchAll(/^import\b[^;]*;\n/gm)];
  const last = imports.at(-1);
  if (last === undefined) return `${line}\n\n${source}`;
  const end = last.index + last[0].length;
  return `${source.slice(0, end)}${line}\n${source.slice(end)}`;
}
