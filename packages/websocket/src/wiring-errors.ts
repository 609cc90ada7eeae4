import { display, sentence, VernalError } from "./errors";

// The catalogue goes on: what boot finds in modules, providers and registrations before anything runs. Each is one of the
// problems of VERNAL_BOOT_FAILED.

/**
 * A folder of the option `scan` is missing, is none, or its modules export no decorated class.
 *
 * @example emptyScan("/app/dist/handlers", "exports no decorated class: 2 modules were loaded")
 * @example emptyScan("/app/dist/handler", "does not exist")
 */
export function emptyScan(folder: string, detail: string): VernalError {
  return new VernalError(
    "VERNAL_EMPTY_SCAN",
    `The folder ${folder} named by the option scan ${detail}. ` +
      `Name the folder of the compiled classes, such as join(__dirname, "handlers"), and export each decorated class.`,
  );
}

/**
 * A module of a scanned folder throws while it is loaded.
 *
 * @example scanFailed("/app/dist/handlers/chat-handler.js", new Error("Cannot find module '../history'"))
 */
export function scanFailed(file: string, cause: unknown): VernalError {
  return new VernalError(
    "VERNAL_SCAN_FAILED",
    `The module ${file} cannot be loaded: ${sentence(cause)} ` +
      `Mend what throws while it loads ("Cannot access … before initialization" means that modules import each other), ` +
      `or move what is no component out of the scanned folder.`,
    { cause },
  );
}

/**
 * The option `components` or an `@Import` names a class without a decorator, or something that is no class.
 *
 * @example notAComponent("The option components", "ChatHandler")
 */
export function notAComponent(where: string, name: string): VernalError {
  return new VernalError(
    "VERNAL_NOT_A_COMPONENT",
    `${where} names ${name}, which carries no decorator of Vernal. ` +
      `Decorate the class with @WebSocketHandler(path), @Component() or @Configuration(), or leave it out.`,
  );
}

/**
 * A handler class is injected somewhere, but nothing brings it into the application as a handler. A warning in the log,
 * and no problem: the application starts.
 *
 * @example unreachableHandler("ChatHandler")
 */
export function unreachableHandler(name: string): VernalError {
  return new VernalError(
    "VERNAL_UNREACHABLE_HANDLER",
    `${name} has @WebSocketHandler and is injected somewhere, but its path is not served: ` +
      `neither scan, components nor @Import names it. Name it, or take the decorator away.`,
  );
}

/**
 * A handler class in a scanned folder is not exported, so that the scan does not find it. A warning in the log, and no
 * problem: the application starts.
 *
 * @example forgottenHandler("ChatHandler")
 */
export function forgottenHandler(name: string): VernalError {
  return new VernalError(
    "VERNAL_UNREACHABLE_HANDLER",
    `${name} has @WebSocketHandler and was loaded by a scan, but its path is not served: no scanned module exports it. ` +
      `Export it, or name it by components.`,
  );
}

/**
 * A constructor threw when boot made the class.
 *
 * @example constructionFailed("Database", new Error("DATABASE_URL is not set"))
 */
export function constructionFailed(name: string, cause: unknown): VernalError {
  return new VernalError(
    "VERNAL_CONSTRUCTION_FAILED",
    `The constructor of ${name} threw: ${sentence(inOneLine(cause))} Mend it, or move what can fail into its start().`,
    { cause },
  );
}

/**
 * A factory of a provider or a `@Bean()` method threw or rejected.
 *
 * @example factoryFailed('The factory of "database"', new Error("DATABASE_URL is not set"))
 * @example factoryFailed("ChatConfig.database()", new Error("DATABASE_URL is not set"))
 */
export function factoryFailed(name: string, cause: unknown): VernalError {
  return new VernalError(
    "VERNAL_FACTORY_FAILED",
    `${name} failed: ${sentence(inOneLine(cause))} Mend it; what had been made before was disposed.`,
    { cause },
  );
}

/**
 * Two components, providers or beans stand for one token.
 *
 * @example duplicateProvider('"database"', "the option providers", "ChatConfig.database()")
 */
export function duplicateProvider(token: string, first: string, second: string): VernalError {
  return new VernalError(
    "VERNAL_DUPLICATE_PROVIDER",
    `${token} is provided twice, by ${first} and by ${second}. ` +
      `Remove one of them; to replace one, as in a test, name the other in overrides.`,
  );
}

/**
 * The options `providers` or `overrides` hold something that is no provider.
 *
 * @example invalidProvider("The option providers", {})
 */
export function invalidProvider(where: string, value: unknown): VernalError {
  return new VernalError(
    "VERNAL_INVALID_PROVIDER",
    `${where} holds ${display(value)}, which is no provider. ` +
      `Give it a token and one of useValue, useClass and useFactory: { token: Clock, useValue: clock }.`,
  );
}

/**
 * A `@Bean()` method has no token, and its return type is no class: it is asynchronous, returns an interface, or has no
 * declared return type.
 *
 * @example beanWithoutToken("ChatConfig.database()", "Promise")
 */
export function beanWithoutToken(bean: string, returned: string): VernalError {
  return new VernalError(
    "VERNAL_BEAN_WITHOUT_TOKEN",
    `${bean} was compiled to the return type ${returned}, which names no class to find it by. ` +
      `Give it a token, @Bean(TOKEN) or @Bean("name"), or the class that it returns as its declared return type.`,
  );
}

/**
 * A `@Bean()` method has more parameters than there are types or tokens for them: it was compiled without types, or its
 * list of tokens is too short.
 *
 * @example beanParametersUnknown("ChatConfig.database()", 2, 0)
 */
export function beanParametersUnknown(bean: string, wanted: number, known: number): VernalError {
  return new VernalError(
    "VERNAL_BEAN_PARAMETERS_UNKNOWN",
    `${bean} takes ${wanted} parameters, and what to inject is known for ${known} of them. Compile its class with tsc ` +
      `or ts-jest and "emitDecoratorMetadata", or name a token for each: @Bean("name", [First, Second]).`,
  );
}

/**
 * A class has `@Bean()` methods and no `@Configuration()`.
 *
 * @example beanOutsideConfiguration("ChatConfig")
 */
export function beanOutsideConfiguration(name: string): VernalError {
  return new VernalError(
    "VERNAL_BEAN_OUTSIDE_CONFIGURATION",
    `${name} has @Bean() methods, but nothing calls them. Put @Configuration() on the class.`,
  );
}

/**
 * There are configurers, and no class of the application has `@EnableWebSocket()`.
 *
 * @example configurerNotEnabled("ChatConfig")
 */
export function configurerNotEnabled(configurer: string): VernalError {
  return new VernalError(
    "VERNAL_CONFIGURER_NOT_ENABLED",
    `${configurer} has registerWebSocketHandlers, but nothing calls it. ` +
      `Put @EnableWebSocket() beside its @Configuration().`,
  );
}

/**
 * `registerWebSocketHandlers` of a configurer threw or rejected.
 *
 * @example configurerFailed("ChatConfig", new Error("ALLOWED_ORIGINS is not set"))
 */
export function configurerFailed(configurer: string, cause: unknown): VernalError {
  return new VernalError(
    "VERNAL_CONFIGURER_FAILED",
    `${configurer}.registerWebSocketHandlers threw: ${sentence(cause)} Mend what it does; nothing was started.`,
    { cause },
  );
}

/** A handler, as reports name it, and one of its paths. */
export interface MappedPath {
  readonly handler: string;
  readonly path: string;
  /** The class of the handler, for two that have one name. */
  readonly target?: unknown;
}

/**
 * A handler has decorators of NestJS, which nothing here obeys: a guard would let everybody in.
 *
 * @example foreignDecorators("ChatHandler", ["@UseGuards", "@SubscribeMessage"])
 */
export function foreignDecorators(handler: string, decorators: readonly string[]): VernalError {
  return new VernalError(
    "VERNAL_FOREIGN_DECORATORS",
    `${handler} has ${decorators.join(" and ")} of Nest, which mean nothing here. Take them away: who gets in is decided ` +
      `by a HandshakeInterceptor or a HandshakeHandler, and messages come to handleTextMessage.`,
  );
}

/**
 * Two handlers, or one handler twice, are mapped to the same requests.
 *
 * @example duplicatePath({ handler: "ChatHandler", path: "/ws/chat" }, { handler: "ChatV2Handler", path: "/ws/chat" })
 * @example duplicatePath({ handler: "ChatHandler", path: "/ws/chat", target: 1 }, { handler: "ChatHandler", path: "/ws/chat", target: 2 })
 * @example duplicatePath({ handler: "RoomHandler", path: "/ws/{room}" }, { handler: "UserHandler", path: "/ws/{user}" })
 */
export function duplicatePath(first: MappedPath, second: MappedPath): VernalError {
  const path =
    first.path === second.path
      ? `"${first.path}"`
      : `"${first.path}" and "${second.path}", which match the same requests`;
  const text =
    first.handler === second.handler
      ? first.target === second.target
        ? `${first.handler} is mapped twice to ${path}. Remove one of the two, or give it another path.`
        : `Two classes named ${first.handler} are mapped to ${path}. Give one of them another path; ` +
          `if they should be one, see whether a scanned folder holds an old copy.`
      : `${first.handler} and ${second.handler} are both mapped to ${path}. Give one of them another path.`;
  return new VernalError("VERNAL_DUPLICATE_PATH", text);
}

/**
 * The path of a handler is malformed.
 *
 * @example invalidPath("RoomHandler", "/ws/rooms/", "the path ends with a slash")
 */
export function invalidPath(handler: string, path: string, problem: string): VernalError {
  return new VernalError(
    "VERNAL_INVALID_PATH",
    `${handler} is mapped to "${path}": ${problem}. ` +
      `Write a path such as "/ws/chat", "/ws/rooms/{room}", "/ws/*" or "/ws/**".`,
  );
}

/**
 * A handler is registered without any path.
 *
 * @example missingPath("ChatHandler (registered by ChatConfig)")
 */
export function missingPath(handler: string): VernalError {
  return new VernalError(
    "VERNAL_INVALID_PATH",
    `${handler} is registered without a path. Name at least one, such as "/ws/chat".`,
  );
}

/**
 * An allowed origin or origin pattern is malformed, and could match no page.
 *
 * @example invalidOrigin("ChatHandler", '"chat.example.com" is no origin: write it with its scheme, such as "https://chat.example.com"')
 */
export function invalidOrigin(handler: string, problem: string): VernalError {
  return new VernalError("VERNAL_INVALID_ORIGIN", `Among the allowed origins of ${handler} ${problem}.`);
}

/**
 * What is registered as a handler lacks callbacks of a `WebSocketHandler`.
 *
 * @example notAHandler("ChatHandler (registered by ChatConfig)", ["handleTransportError", "afterConnectionClosed"])
 */
export function notAHandler(where: string, missing: readonly string[]): VernalError {
  return new VernalError(
    "VERNAL_NOT_A_HANDLER",
    `${where} is no WebSocketHandler: it lacks ${missing.join(", ")}. ` +
      `Register an object whose class extends TextWebSocketHandler, BinaryWebSocketHandler or AbstractWebSocketHandler.`,
  );
}

/**
 * An interceptor or a handshake handler lacks the method that would be called.
 *
 * @example notAnInterceptor("ChatHandler", "interceptors", undefined, "beforeHandshake")
 */
export function notAnInterceptor(
  handler: string,
  option: string,
  value: unknown,
  method: string,
): VernalError {
  return new VernalError(
    "VERNAL_NOT_AN_INTERCEPTOR",
    `The option ${option} of ${handler} holds ${display(value)}, which has no method ${method}. ` +
      `Give it an object that has, or the class of one; undefined often means that two modules import each other.`,
  );
}

/**
 * The option `decorators` holds something that is no decorator factory.
 *
 * @example notADecoratorFactory("ChatHandler", undefined)
 */
export function notADecoratorFactory(where: string, value: unknown): VernalError {
  return new VernalError(
    "VERNAL_NOT_A_DECORATOR_FACTORY",
    `The option decorators of ${where} holds ${display(value)}, which has no method decorate. ` +
      `Give it an object that has, such as { decorate: (handler) => new LoggingDecorator(handler) }, ` +
      `or the class of one; undefined often means that two modules import each other.`,
  );
}

/** A decorator factory, and whose option names it. */
export interface DecoratorPlace {
  readonly factory: object;
  readonly where: string;
}

/**
 * `decorate` of a decorator factory threw. With `scope: "connection"` that is no problem of the start: the handshake
 * gets 500, and the log this text.
 *
 * @example decorationFailed({ factory: { constructor: { name: "MetricsFactory" } }, where: "the application" }, "ChatHandler", new Error("no such metric"))
 */
export function decorationFailed(
  { factory, where }: DecoratorPlace,
  handler: string,
  cause: unknown,
): VernalError {
  return new VernalError(
    "VERNAL_DECORATION_FAILED",
    `The option decorators of ${where} holds ${display(factory)}, whose decorate threw for ${handler}: ` +
      `${sentence(cause)} Mend what it does.`,
    { cause },
  );
}

/**
 * `decorate` of a decorator factory returned something that lacks callbacks of a `WebSocketHandler`. With
 * `scope: "connection"` that is no problem of the start: the handshake gets 500, and the log this text.
 *
 * @example notDecorated({ factory: { constructor: { name: "MetricsFactory" } }, where: "the application" }, "ChatHandler", undefined, ["afterConnectionEstablished", "handleMessage", "handleTransportError", "afterConnectionClosed"])
 */
export function notDecorated(
  { factory, where }: DecoratorPlace,
  handler: string,
  made: unknown,
  missing: readonly string[],
): VernalError {
  return new VernalError(
    "VERNAL_DECORATION_FAILED",
    `The option decorators of ${where} holds ${display(factory)}, whose decorate returned ${display(made)} ` +
      `for ${handler}, which lacks ${missing.join(", ")}. Return a handler, such as one whose class extends ` +
      `WebSocketHandlerDecorator, or the one that came in; decorate is not awaited.`,
  );
}

/**
 * An instance is registered with the scope `"connection"`, which needs a class.
 *
 * @example scopeNeedsClass("ChatHandler (registered by ChatConfig)")
 */
export function scopeNeedsClass(handler: string): VernalError {
  return new VernalError(
    "VERNAL_SCOPE_NEEDS_CLASS",
    `${handler} is one instance and has the scope "connection". Register the class in its place, ` +
      `so that there can be an instance for each connection, or leave the scope out.`,
  );
}

/**
 * A class is registered by a configurer without the scope `"connection"`.
 *
 * @example classNeedsScope("ChatHandler (registered by ChatConfig)")
 */
export function classNeedsScope(handler: string): VernalError {
  return new VernalError(
    "VERNAL_CLASS_NEEDS_SCOPE",
    `${handler} is registered as a class. Register an instance, injected into the constructor of the ` +
      `configurer or made with new, or add .setOptions({ scope: "connection" }) for one per connection.`,
  );
}

/** tsyringe says on the first line which dependency failed, and only on the last one why. */
function inOneLine(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  return thrown.message
    .split("\n")
    .map((line) => line.trim())
    .join(" ");
}
