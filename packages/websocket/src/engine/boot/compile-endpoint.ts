import type { Logger } from "pino";
import type { AnyClass } from "../../class-metadata";
import type { VernalError } from "../../errors";
import type { ConnectionOptions } from "../../options";
import type {
  ErrorMapper,
  InstanceOrClass,
  SubProtocolCapable,
  WebSocketHandler,
  WebSocketHandlerDecoratorFactory,
  WebSocketHandlerOptions,
} from "../../websocket-handler";
import { WebSocketHandlerDecorator } from "../../websocket-handler-decorator";
import {
  classNeedsScope,
  duplicatePath,
  invalidOrigin,
  invalidPath,
  missingPath,
  foreignDecorators,
  notADecoratorFactory,
  notAHandler,
  notAnInterceptor,
  scopeNeedsClass,
  type MappedPath,
} from "../../wiring-errors";
import { missingCallbacks } from "../connection/callbacks";
import { checkLimits, resolveLimits } from "../connection/limits";
import type { ConnectionObserver } from "../connection/profile";
import type { Clock } from "../connection/sweep";
import type { Counters } from "../counters";
import { Acceptors } from "../handshake/accept";
import { loadAsking } from "../handshake/upgrade";
import type { Endpoint } from "../handshake/endpoint";
import type { EndpointEntry } from "../handshake/endpoint-table";
import { compileOriginPolicy } from "../handshake/origin";
import { parsePathPattern, type PathPattern } from "../handshake/path-pattern";
import { Admissions } from "../sessions/admission";
import type { ApplicationContainer } from "./container";
import { handlerSource, type Decoration, type HandlerSource } from "./decoration";
import type { HandlerRegistration } from "./handler-registry";
import { asList, checkHandlerOptions } from "./option-check";
import { nestDecoratorsOn } from "./nest-marks";
import { isConstructor } from "./token";

/** What the endpoints of an application have in common. */
export interface CompileContext {
  readonly limits: ConnectionOptions;
  readonly mapError: ErrorMapper | undefined;
  /** Outside of those that a registration has. */
  readonly decorators: readonly InstanceOrClass<WebSocketHandlerDecoratorFactory>[];
  readonly logger: Logger;
  readonly observer: ConnectionObserver;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly container: ApplicationContainer;
  /** The instance that the container made of a class. */
  readonly instanceOf: (target: AnyClass) => object;
  /** Whether something else stands behind a class: one object, also where each connection would have its own. */
  readonly isReplaced: (target: AnyClass) => boolean;
}

/** Turns registrations into endpoints; what is wrong with any of them goes into `problems`, and then there are none. */
export function compileEndpoints(
  registrations: readonly HandlerRegistration[],
  context: CompileContext,
  problems: VernalError[],
): EndpointEntry<Endpoint>[] {
  problems.push(...checkLimits("the application", context.limits));
  for (const registration of registrations) checkRegistration(registration, context, problems);
  const paths = checkPaths(registrations, problems);
  // Handlers may be stand-ins now, whose getters must not be touched.
  if (problems.length > 0) return [];
  for (const registration of registrations) checkInstances(registration, context, problems);
  const sources = decorateHandlers(registrations, context, problems);
  if (problems.length > 0) return [];
  const acceptors = new Acceptors();
  const admissions = new Admissions(context.limits, context.counters);
  return registrations.flatMap((registration) => {
    const source = sources.get(registration)!;
    const endpointOf = compileRegistration(registration, source, context, acceptors, admissions);
    const patterns = paths.get(registration) ?? [];
    return patterns.map((pattern) => ({ pattern, endpoint: endpointOf(pattern.source) }));
  });
}

function checkPaths(
  registrations: readonly HandlerRegistration[],
  problems: VernalError[],
): Map<HandlerRegistration, PathPattern[]> {
  const takenBy = new Map<string, MappedPath>();
  const patterns = new Map<HandlerRegistration, PathPattern[]>();
  for (const registration of registrations) {
    const { name, handler } = registration;
    const target: unknown = typeof handler === "function" ? handler : handler?.constructor;
    const own: PathPattern[] = [];
    for (const path of registration.paths) {
      const pattern = parsePathPattern(path);
      if (typeof pattern === "string") {
        problems.push(invalidPath(name, path, pattern));
        continue;
      }
      const mapped = { handler: name, path: pattern.source, target };
      const other = takenBy.get(pattern.shape);
      if (other !== undefined) problems.push(duplicatePath(other, mapped));
      takenBy.set(pattern.shape, mapped);
      own.push(pattern);
    }
    patterns.set(registration, own);
  }
  return patterns;
}

function checkRegistration(
  registration: HandlerRegistration,
  context: CompileContext,
  problems: VernalError[],
): void {
  const { name, options, paths } = registration;
  const { handler, perConnection } = handlerOf(registration, context);
  if (paths.length === 0) problems.push(missingPath(name));
  const isClass = typeof handler === "function";
  if (isClass && !perConnection) problems.push(classNeedsScope(name));
  else if (!isClass && perConnection) problems.push(scopeNeedsClass(name));
  else checkCallbacks(name, isClass ? (handler.prototype as WebSocketHandler) : handler, problems);
  const foreign = nestDecoratorsOn(isClass ? handler.prototype : handler);
  if (foreign.length > 0) problems.push(foreignDecorators(name, foreign));
  problems.push(...checkLimits(name, options));
  for (const problem of originPolicyOf(options).problems) problems.push(invalidOrigin(name, problem));
  problems.push(...checkHandlerOptions(name, options));
}

/** Whether what the options name, made by now, has the methods that will be called. */
function checkInstances(
  { name, options }: HandlerRegistration,
  context: CompileContext,
  problems: VernalError[],
): void {
  for (const each of options.interceptors ?? []) {
    if (hasMethod(instance(each, context), "beforeHandshake")) continue;
    problems.push(notAnInterceptor(name, "interceptors", each, "beforeHandshake"));
  }
  const { handshakeHandler } = options;
  if (handshakeHandler === undefined) return;
  const made = instance(handshakeHandler, context);
  if (hasMethod(made, "selectProtocol") || hasMethod(made, "determineUser")) return;
  problems.push(
    notAnInterceptor(name, "handshakeHandler", handshakeHandler, "selectProtocol or determineUser"),
  );
}

/** Where the callbacks of each registration go; of those whose decoration fails nothing. */
function decorateHandlers(
  registrations: readonly HandlerRegistration[],
  context: CompileContext,
  problems: VernalError[],
): Map<HandlerRegistration, HandlerSource> {
  const outer = decorationsOf("the application", context.decorators, context, problems);
  const sources = new Map<HandlerRegistration, HandlerSource>();
  for (const registration of registrations) {
    const { name, options } = registration;
    const { handler } = handlerOf(registration, context);
    const decorations = [...outer, ...decorationsOf(name, options.decorators, context, problems)];
    try {
      sources.set(registration, handlerSource(name, handler, decorations, context.container));
    } catch (error) {
      problems.push(error as VernalError);
    }
  }
  return sources;
}

/** Those among `given` that can decorate; the others are problems. */
function decorationsOf(
  where: string,
  given: readonly InstanceOrClass<WebSocketHandlerDecoratorFactory>[] = [],
  context: CompileContext,
  problems: VernalError[],
): Decoration[] {
  return given.flatMap((each) => {
    const factory = instance(each, context);
    if (hasMethod(factory, "decorate")) return { factory, where };
    problems.push(notADecoratorFactory(where, each));
    return [];
  });
}

function hasMethod(value: object | null | undefined, method: string): boolean {
  return typeof (value as Record<string, unknown> | null | undefined)?.[method] === "function";
}

function handlerOf(
  { handler, options }: HandlerRegistration,
  { instanceOf, isReplaced }: CompileContext,
): { readonly handler: InstanceOrClass<WebSocketHandler>; readonly perConnection: boolean } {
  const perConnection = options.scope === "connection";
  if (!perConnection || typeof handler !== "function" || !isReplaced(handler))
    return { handler, perConnection };
  return { handler: instanceOf(handler) as WebSocketHandler, perConnection: false };
}

function checkCallbacks(name: string, handler: WebSocketHandler, problems: VernalError[]): void {
  const missing = missingCallbacks(handler);
  if (missing.length > 0) problems.push(notAHandler(name, missing));
}

function originPolicyOf(options: WebSocketHandlerOptions): ReturnType<typeof compileOriginPolicy> {
  return compileOriginPolicy(asList(options.allowedOrigins), asList(options.allowedOriginPatterns));
}

/** All that the paths of one registration share. */
function compileRegistration(
  registration: HandlerRegistration,
  source: HandlerSource,
  context: CompileContext,
  acceptors: Acceptors,
  admissions: Admissions,
): (path: string) => Endpoint {
  const { options } = registration;
  const { handler } = handlerOf(registration, context);
  const { policy } = originPolicyOf(options);
  const admission = admissions.for(options);
  const limits = resolveLimits(context.limits, options);
  const interceptors = (options.interceptors ?? []).map((each) => instance(each, context));
  const { handshakeHandler } = options;
  if (interceptors.length > 0 || handshakeHandler !== undefined) loadAsking();
  const { container } = context;
  const perConnection = typeof handler === "function";
  const innermost = perConnection ? undefined : WebSocketHandlerDecorator.unwrap(handler);
  const own = (innermost as Partial<SubProtocolCapable> | undefined)?.subProtocols;
  const subProtocols = options.subProtocols ?? own ?? [];
  return (path) =>
    Object.freeze({
      ...source,
      profile: Object.freeze({
        path,
        limits,
        clock: context.clock,
        mapError: options.mapError ?? context.mapError,
        logger: context.logger,
        observer: context.observer,
        counters: context.counters,
        release: perConnection ? (made: WebSocketHandler) => container.release(made) : null,
      }),
      admission,
      origin: policy,
      interceptors: interceptors.length === 0 ? null : Object.freeze(interceptors),
      handshakeHandler: handshakeHandler === undefined ? null : instance(handshakeHandler, context),
      subProtocols: Object.freeze([...subProtocols]),
      acceptor: acceptors.for(limits),
    });
}

function instance<T extends object>(given: InstanceOrClass<T>, context: CompileContext): T {
  return isConstructor(given) ? (context.instanceOf(given) as T) : given;
}
