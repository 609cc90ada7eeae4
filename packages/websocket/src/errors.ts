/**
 * What Vernal throws. Tell errors apart by `code`, which is permanent, and not by `instanceof`: two copies of a
 * package have two classes. The text says what happened with the actual values, where, and how to fix it.
 */
export class VernalError extends Error {
  override readonly name = "VernalError";
  readonly code: string;
  /** What a failed start found, one error each; empty for every other error. */
  readonly problems: readonly VernalError[];

  constructor(
    code: string,
    text: string,
    options: { readonly cause?: unknown; readonly problems?: readonly VernalError[] } = {},
  ) {
    super(`[${code}] ${text}`, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.problems = options.problems ?? [];
  }
}

/** What went wrong in one line, whatever was thrown. */
export function reasonOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.split("\n", 1)[0] ?? "";
}

/** The reason as a sentence that others can follow. */
function sentence(thrown: unknown): string {
  const reason = reasonOf(thrown).trim();
  if (reason === "") return "it gave no reason.";
  return /[.!?…]$/.test(reason) ? reason : `${reason}.`;
}

// The catalogue: every text of this package stands here and nowhere else.

export function bootFailed(problems: readonly VernalError[]): VernalError {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const list = problems.map((problem, index) => `\n\n  ${index + 1}. ${problem.message}`).join("");
  return new VernalError("VERNAL_BOOT_FAILED", `The application cannot start: ${count}.${list}\n`, {
    problems,
  });
}

/** A handler, as reports name it, and one of its paths. */
export interface MappedPath {
  readonly handler: string;
  readonly path: string;
}

export function duplicatePath(first: MappedPath, second: MappedPath): VernalError {
  const path =
    first.path === second.path
      ? `"${first.path}"`
      : `"${first.path}" and "${second.path}", which match the same requests`;
  const who =
    first.handler === second.handler
      ? `${first.handler} is mapped twice to ${path}. Remove one of the two, or`
      : `${first.handler} and ${second.handler} are both mapped to ${path}.`;
  const cure = first.handler === second.handler ? "give it another path." : "Give one of them another path.";
  return new VernalError("VERNAL_DUPLICATE_PATH", `${who} ${cure}`);
}

export function invalidPath(handler: string, path: string, problem: string): VernalError {
  return new VernalError(
    "VERNAL_INVALID_PATH",
    `${handler} is mapped to "${path}": ${problem}. ` +
      `Write a path such as "/ws/chat", "/ws/rooms/{room}", "/ws/*" or "/ws/**".`,
  );
}

export function missingPath(handler: string): VernalError {
  return new VernalError(
    "VERNAL_INVALID_PATH",
    `${handler} is registered without a path. Name at least one, such as "/ws/chat".`,
  );
}

export function invalidOrigin(handler: string, problem: string): VernalError {
  return new VernalError("VERNAL_INVALID_ORIGIN", `Among the allowed origins of ${handler} ${problem}.`);
}

export function optionOutOfRange(where: string, option: string, value: unknown, range: string): VernalError {
  return new VernalError(
    "VERNAL_OPTION_OUT_OF_RANGE",
    `The option ${option} of ${where} is ${display(value)}. Give it ${range}, or leave it out for the default.`,
  );
}

export function notAHandler(where: string, missing: readonly string[]): VernalError {
  return new VernalError(
    "VERNAL_NOT_A_HANDLER",
    `${where} is no WebSocketHandler: it lacks ${missing.join(", ")}. ` +
      `Register an object whose class extends TextWebSocketHandler, BinaryWebSocketHandler or AbstractWebSocketHandler.`,
  );
}

export function notAComponent(name: string): VernalError {
  return new VernalError(
    "VERNAL_NOT_A_COMPONENT",
    `The option components names ${name}, which carries no decorator of Vernal. ` +
      `Decorate the class with @WebSocketHandler(path), @Component() or @Configuration(), or leave it out.`,
  );
}

export function notAnInterceptor(handler: string, option: string, value: unknown): VernalError {
  return new VernalError(
    "VERNAL_NOT_AN_INTERCEPTOR",
    `The option ${option} of ${handler} holds ${display(value)}. Give it an object with the methods of its type, ` +
      `or the class of one; undefined often means that two modules import each other.`,
  );
}

export function registryClosed(handler: string): VernalError {
  return new VernalError(
    "VERNAL_REGISTRY_CLOSED",
    `${handler} was registered or changed after the start, which has no effect any more. ` +
      `Say everything in registerWebSocketHandlers, or before the promise that it returns settles.`,
  );
}

export function configurerNotEnabled(configurer: string): VernalError {
  return new VernalError(
    "VERNAL_CONFIGURER_NOT_ENABLED",
    `${configurer} has registerWebSocketHandlers, but nothing calls it. ` +
      `Put @EnableWebSocket() beside its @Configuration().`,
  );
}

export function configurerFailed(configurer: string, cause: unknown): VernalError {
  return new VernalError(
    "VERNAL_CONFIGURER_FAILED",
    `${configurer}.registerWebSocketHandlers threw: ${sentence(cause)} Mend what it does; nothing was started.`,
    { cause },
  );
}

export function emptyScan(folder: string, detail: string): VernalError {
  return new VernalError(
    "VERNAL_EMPTY_SCAN",
    `The folder ${folder} named by the option scan ${detail}. ` +
      `Name the folder of the compiled classes, such as join(__dirname, "handlers"), and export each decorated class.`,
  );
}

export function scanFailed(file: string, cause: unknown): VernalError {
  return new VernalError(
    "VERNAL_SCAN_FAILED",
    `The module ${file} cannot be loaded: ${sentence(cause)} ` +
      `Mend what throws while it loads ("Cannot access … before initialization" means that modules import each other), ` +
      `or move what is no component out of the scanned folder.`,
    { cause },
  );
}

export function missingProvider(chain: readonly string[], parameter: number, token: string): VernalError {
  return new VernalError(
    "VERNAL_MISSING_PROVIDER",
    `${chain.at(-1)} needs ${token} as the ${ordinal(parameter)} parameter of its constructor, ` +
      `and nothing provides it${reachedBy(chain)}. ` +
      `Register a value in the container of tsyringe before the start: ` +
      `container.register(${token}, { useValue: … }).`,
  );
}

export function missingMetadata(chain: readonly string[], owner: string, isDecorated: boolean): VernalError {
  const cure = isDecorated
    ? `Compile ${owner} with tsc or ts-jest and both "experimentalDecorators" and "emitDecoratorMetadata": ` +
      `esbuild, tsx and type stripping write no types.`
    : `Decorate ${owner} with @Component(); or, where it is not yours, ` +
      `register an instance of it in the container of tsyringe before the start.`;
  return new VernalError(
    "VERNAL_MISSING_METADATA",
    `The constructor of ${owner} has parameters, but their types are unknown${reachedBy(chain)}. ${cure}`,
  );
}

export function uninjectableParameter(
  chain: readonly string[],
  parameter: number,
  type: string,
): VernalError {
  return new VernalError(
    "VERNAL_UNINJECTABLE_PARAMETER",
    `The ${ordinal(parameter)} parameter of the constructor of ${chain.at(-1)} was compiled to the type ${type}, ` +
      `which names nothing that can be injected${reachedBy(chain)}. An interface, a union (also "| undefined") or a plain value needs a token, @inject("…"); ` +
      `a class must be imported with "import", not "import type"; where two modules import each other, write ` +
      `@inject(delay(() => Other)) on both sides.`,
  );
}

export function dependencyCycle(cycle: readonly string[]): VernalError {
  return new VernalError(
    "VERNAL_DEPENDENCY_CYCLE",
    `${cycle.join(" -> ")} need each other. Let them meet through a third component or WebSocketBroadcaster, ` +
      `or write @inject(delay(() => Other)) on both sides.`,
  );
}

export function constructionFailed(name: string, cause: unknown): VernalError {
  return new VernalError(
    "VERNAL_CONSTRUCTION_FAILED",
    `The constructor of ${name} threw: ${sentence(inOneLine(cause))} Mend it, or move what can fail into its start().`,
    { cause },
  );
}

export function startFailed(name: string, cause: unknown): VernalError {
  return new VernalError(
    "VERNAL_START_FAILED",
    `${name}.start() failed: ${sentence(cause)} What had been started before it was disposed.`,
    { cause },
  );
}

export function cannotListen(address: string, cause: NodeJS.ErrnoException): VernalError {
  const problems: Readonly<Record<string, string>> = {
    EADDRINUSE: "something listens there already. Stop it, or give another port (0 takes a free one)",
    EACCES: "this user may not open that port. Take one above 1023",
    EADDRNOTAVAIL: "this machine has no such address. Leave host out to listen on all",
    ENOTFOUND: "the host has no address. Leave host out to listen on all",
  };
  const problem = problems[cause.code ?? ""] ?? `${reasonOf(cause)}. Check the options port, host and tls`;
  return new VernalError("VERNAL_CANNOT_LISTEN", `The server cannot listen on ${address}: ${problem}.`, {
    cause,
  });
}

export function wrongHandshakeAnswer(
  by: object,
  method: string,
  answer: unknown,
  expected: string,
): VernalError {
  return new VernalError(
    "VERNAL_WRONG_HANDSHAKE_ANSWER",
    `${by.constructor.name}.${method} returned ${display(answer)}. Let it return ${expected}; ` +
      `anything else fails closed, with 500.`,
  );
}

export function invalidArgument(where: string, value: unknown, expected: string): VernalError {
  return new VernalError("VERNAL_INVALID_ARGUMENT", `${where} got ${display(value)}. Give it ${expected}.`);
}

export function invalidTls(cause: unknown): VernalError {
  return new VernalError(
    "VERNAL_INVALID_TLS",
    `The option tls cannot be used: ${sentence(cause)} Give it what https.createServer takes, such as key and cert in PEM.`,
    { cause },
  );
}

export function invalidCloseCode(code: unknown): VernalError {
  return new VernalError(
    "VERNAL_INVALID_CLOSE_CODE",
    `A close frame cannot carry the code ${display(code)}. ` +
      `Take a constant of CloseStatus, or a code of your own from 4000 to 4999 (RFC 6455 section 7.4).`,
  );
}

function ordinal(index: number): string {
  return ["first", "second", "third"][index] ?? `${index + 1}th`;
}

function reachedBy(chain: readonly string[]): string {
  return chain.length < 2 ? "" : ` (reached by ${chain.join(" -> ")})`;
}

/** tsyringe says on the first line which dependency failed, and only on the last one why. */
function inOneLine(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  return thrown.message
    .split("\n")
    .map((line) => line.trim())
    .join(" ");
}

function display(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === "function")
    return value.name === "" ? "a function" : `the class or function ${value.name}`;
  if (typeof value === "object" && value !== null)
    return `an object (${value.constructor?.name ?? "no class"})`;
  return String(value);
}
