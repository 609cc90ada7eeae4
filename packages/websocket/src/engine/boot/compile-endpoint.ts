import type { Logger } from "pino";
import type { AnyClass } from "../../class-metadata";
import {
  duplicatePath,
  invalidOrigin,
  invalidPath,
  missingPath,
  notAHandler,
  notAnInterceptor,
  optionOutOfRange,
  type MappedPath,
  type VernalError,
} from "../../errors";
import { DEFAULT_LIMITS, LIMIT_RANGES, type ConnectionLimits, type ConnectionOptions } from "../../options";
import type {
  ErrorMapper,
  InstanceOrClass,
  SubProtocolCapable,
  WebSocketHandler,
  WebSocketHandlerOptions,
} from "../../websocket-handler";
import type { ConnectionObserver } from "../connection/profile";
import { Acceptors } from "../handshake/accept";
import type { Endpoint } from "../handshake/endpoint";
import type { EndpointEntry } from "../handshake/endpoint-table";
import { compileOriginPolicy } from "../handshake/origin";
import { parsePathPattern, type PathPattern } from "../handshake/path-pattern";
import type { HandlerRegistration } from "./handler-registry";

const CALLBACKS: readonly (keyof WebSocketHandler)[] = [
  "afterConnectionEstablished",
  "handleMessage",
  "handleTransportError",
  "afterConnectionClosed",
];
const LIMIT_NAMES = Object.keys(DEFAULT_LIMITS) as readonly (keyof ConnectionLimits)[];

/** What the endpoints of an application have in common. */
export interface CompileContext {
  readonly limits: ConnectionOptions;
  readonly mapError: ErrorMapper | undefined;
  readonly logger: Logger;
  readonly observer: ConnectionObserver;
  /** The instance that the container made of a class. */
  readonly instanceOf: (target: AnyClass) => object;
}

/** Turns registrations into endpoints; what is wrong with any of them goes into `problems`, and then there are none. */
export function compileEndpoints(
  registrations: readonly HandlerRegistration[],
  context: CompileContext,
  problems: VernalError[],
): EndpointEntry<Endpoint>[] {
  checkLimits("the application", context.limits, problems);
  for (const registration of registrations) checkRegistration(registration, problems);
  const paths = checkPaths(registrations, problems);
  // Handlers may be stand-ins now, whose getters must not be touched.
  if (problems.length > 0) return [];
  const acceptors = new Acceptors();
  return registrations.flatMap((registration) => {
    const endpointOf = compileRegistration(registration, context, acceptors);
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
    const { name } = registration;
    const own: PathPattern[] = [];
    for (const path of registration.paths) {
      const pattern = parsePathPattern(path);
      if (typeof pattern === "string") {
        problems.push(invalidPath(name, path, pattern));
        continue;
      }
      const mapped = { handler: name, path: pattern.source };
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
  { handler, name, options, paths }: HandlerRegistration,
  problems: VernalError[],
): void {
  if (paths.length === 0) problems.push(missingPath(name));
  const missing = CALLBACKS.filter((callback) => typeof handler?.[callback] !== "function");
  if (missing.length > 0) problems.push(notAHandler(name, missing));
  checkLimits(name, options, problems);
  for (const problem of originPolicyOf(options).problems) problems.push(invalidOrigin(name, problem));
  for (const each of options.interceptors ?? []) {
    if (typeof each === "function" || typeof each?.beforeHandshake === "function") continue;
    problems.push(notAnInterceptor(name, "interceptors", each));
  }
  const { handshakeHandler = {} } = options;
  if (typeof handshakeHandler !== "function" && typeof handshakeHandler !== "object") {
    problems.push(notAnInterceptor(name, "handshakeHandler", handshakeHandler));
  }
}

function originPolicyOf(options: WebSocketHandlerOptions): ReturnType<typeof compileOriginPolicy> {
  return compileOriginPolicy(options.allowedOrigins ?? [], options.allowedOriginPatterns ?? []);
}

/** All that the paths of one registration share. */
function compileRegistration(
  { handler, options }: HandlerRegistration,
  context: CompileContext,
  acceptors: Acceptors,
): (path: string) => Endpoint {
  const { policy } = originPolicyOf(options);
  const limits = resolveLimits(context.limits, options);
  const interceptors = (options.interceptors ?? []).map((each) => instance(each, context));
  const { handshakeHandler } = options;
  const subProtocols = options.subProtocols ?? (handler as Partial<SubProtocolCapable>).subProtocols ?? [];
  return (path) =>
    Object.freeze({
      profile: Object.freeze({
        path,
        handler,
        limits,
        mapError: options.mapError ?? context.mapError,
        logger: context.logger,
        observer: context.observer,
      }),
      origin: policy,
      interceptors: interceptors.length === 0 ? null : Object.freeze(interceptors),
      handshakeHandler: handshakeHandler === undefined ? null : instance(handshakeHandler, context),
      subProtocols: Object.freeze([...subProtocols]),
      acceptor: acceptors.for(limits),
    });
}

function instance<T extends object>(given: InstanceOrClass<T>, context: CompileContext): T {
  return typeof given === "function" ? (context.instanceOf(given) as T) : given;
}

function resolveLimits(application: ConnectionOptions, handler: ConnectionOptions): ConnectionLimits {
  const limits = LIMIT_NAMES.map((name) => [
    name,
    handler[name] ?? application[name] ?? DEFAULT_LIMITS[name],
  ]);
  return Object.freeze(Object.fromEntries(limits) as ConnectionLimits);
}

function checkLimits(where: string, options: ConnectionOptions, problems: VernalError[]): void {
  for (const name of LIMIT_NAMES) {
    const value = options[name];
    const [least, most] = LIMIT_RANGES[name];
    if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) continue;
    problems.push(optionOutOfRange(where, name, value, `a whole number from ${least} to ${most}`));
  }
}
