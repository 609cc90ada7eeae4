import type { Logger } from "pino";
import type { DependencyContainer } from "tsyringe";
import type { AnyClass } from "../../class-metadata";
import { BroadcastRelay } from "../../broadcast-relay";
import { bootBroken, bootFailed, invalidArgument, type VernalError } from "../../errors";
import { DiscoveredComponents, type Provider } from "../../injection";
import type { ConnectionOptions } from "../../options";
import { WebSocketBroadcaster } from "../../websocket-broadcaster";
import { ENABLE_WEBSOCKET, type WebSocketConfigurer } from "../../websocket-configurer";
import {
  HANDLER_MAPPING,
  type ErrorMapper,
  type InstanceOrClass,
  type WebSocketHandler,
  type WebSocketHandlerDecoratorFactory,
} from "../../websocket-handler";
import { WebSocketSessions } from "../../websocket-sessions";
import { separateInstances } from "../../injection-errors";
import {
  configurerFailed,
  configurerNotEnabled,
  forgottenHandler,
  unreachableHandler,
} from "../../wiring-errors";
import { Sweep } from "../connection/sweep";
import { Counters } from "../counters";
import type { Endpoint } from "../handshake/endpoint";
import type { EndpointEntry } from "../handshake/endpoint-table";
import { FanOut } from "../sessions/fan-out";
import { SessionIndex } from "../sessions/session-index";
import { compileEndpoints } from "./compile-endpoint";
import { ApplicationContainer, type BootProgress } from "./container";
import { discover } from "./discovery";
import { HandlerRegistry, type HandlerRegistration } from "./handler-registry";
import { checkInjection, isSource, type InjectionPlan, type Part } from "./injection-check";
import { collectSources, type Sources } from "./sources";
import { asList } from "./option-check";
import { describeToken, isConstructor } from "./token";
import { isManaged, isSingleton } from "./managed";

export interface BootSettings {
  /** What is known to be wrong before anything is looked at. */
  readonly problems: readonly VernalError[];
  readonly scan: readonly string[];
  readonly components: readonly AnyClass[];
  readonly providers: readonly Provider[];
  readonly overrides: readonly Provider[];
  readonly container: DependencyContainer | undefined;
  readonly limits: ConnectionOptions;
  readonly mapError: ErrorMapper | undefined;
  readonly decorators: readonly InstanceOrClass<WebSocketHandlerDecoratorFactory>[];
  readonly logger: Logger;
  readonly progress: BootProgress;
}

/** An application that is wired and not yet started. */
export interface Booted {
  readonly container: ApplicationContainer;
  readonly index: SessionIndex;
  readonly counters: Counters;
  readonly sweep: Sweep;
  readonly endpoints: readonly EndpointEntry<Endpoint>[];
  readonly registrations: readonly HandlerRegistration[];
  /** Starts the components in their order; rejects with `VERNAL_START_FAILED`. */
  readonly start: () => Promise<void>;
}

/** From classes to endpoints. Rejects with `VERNAL_BOOT_FAILED` and every problem there is. */
export async function boot(settings: BootSettings): Promise<Booted> {
  const { classes, problems: found, forgotten } = await discover(settings.scan, settings.components);
  const wiring = new Wiring(settings, classes, found);
  const { container, index, counters, sweep, problems, registrations } = wiring;
  let endpoints: EndpointEntry<Endpoint>[] = [];
  try {
    endpoints = await wiring.wire(settings);
  } catch (error) {
    problems.push(bootBroken(error));
  }
  if (problems.length > 0) {
    await container.dispose();
    throw bootFailed(problems);
  }
  for (const { name } of forgotten) warn(settings.logger, forgottenHandler(name));
  return { container, index, counters, sweep, endpoints, registrations, start: () => wiring.start() };
}

/** The steps of boot over what they share: the container, the registry, and the problems so far. */
class Wiring {
  readonly container: ApplicationContainer;
  readonly index = new SessionIndex();
  readonly counters = new Counters();
  readonly sweep: Sweep;
  readonly sources: Sources;
  readonly problems: VernalError[];
  readonly #classes: readonly AnyClass[];
  readonly #fanOut: FanOut;
  readonly #logger: Logger;
  readonly #progress: BootProgress;
  readonly #registry = new HandlerRegistry();
  /** Who has an instance of its own of a class that nobody has decorated. */
  readonly #separate = new Map<AnyClass, readonly string[]>();

  constructor(settings: BootSettings, classes: readonly AnyClass[], found: readonly VernalError[]) {
    const { logger, container, providers, overrides, problems } = settings;
    this.problems = [...problems, ...found];
    this.#classes = classes;
    this.#logger = logger;
    this.#progress = settings.progress;
    this.sweep = new Sweep(this.index.unsettled, (ms) =>
      logger.warn(
        { ms },
        "the event loop stood still for %d ms or more: a long loop or a synchronous call held up every session, or the machine slept",
        ms,
      ),
    );
    this.sources = collectSources(classes, providers, overrides, this.problems);
    this.#fanOut = new FanOut(this.index, logger);
    this.container = new ApplicationContainer(logger, settings.progress, container);
    this.container.provide(WebSocketSessions, this.index);
    this.container.provide(WebSocketBroadcaster, this.#fanOut);
    const discovered = new DiscoveredComponents(classes, (target) => this.#madeOf(target));
    this.container.provide(DiscoveredComponents, discovered);
  }

  /** The endpoints; what is wrong is among the problems afterwards. */
  async wire({ limits, mapError, decorators, logger }: BootSettings): Promise<EndpointEntry<Endpoint>[]> {
    // The relay first, and so started before and disposed after whatever broadcasts.
    const first = [this.#relayPart].filter((part) => part !== undefined);
    await this.build([...first, ...this.#classes.filter(isManaged), ...this.sources.values()]);
    this.registerDecorated();
    await this.askConfigurers();
    this.#registry.close();
    await this.build(this.classesInOptions(decorators));
    this.#warnOfSeparate();
    const { container, index: observer, counters, sweep: clock } = this;
    const instanceOf = (target: AnyClass): object => this.instanceOf(target);
    const isReplaced = (target: AnyClass): boolean => this.sources.has(target);
    return compileEndpoints(
      this.registrations,
      { limits, mapError, decorators, logger, observer, counters, clock, container, instanceOf, isReplaced },
      this.problems,
    );
  }

  get registrations(): readonly HandlerRegistration[] {
    return this.#registry.registrations;
  }

  /**
   * Checks the graph that starts at `roots` and makes what is ours in it. Where anything is wrong only configurers are
   * made, with the components that they need: they still have paths and origins to be checked in the same report.
   */
  async build(roots: readonly Part[]): Promise<void> {
    const plan = this.#check(roots);
    this.problems.push(...plan.problems);
    this.#warnOfUnreachable(plan.order);
    for (const [target, owners] of plan.separate) {
      this.#separate.set(target, [...new Set([...(this.#separate.get(target) ?? []), ...owners])]);
    }
    const order = this.problems.length === 0 ? plan.order : this.#soundConfigurers(roots, plan);
    const built = order.filter(
      (each) => isSource(each) || isSingleton(each) || (roots.includes(each) && !isManaged(each)),
    );
    for (const part of order) if (!isSource(part)) this.container.provideLogger(part);
    for (const part of built) if (!isSource(part)) this.container.register(part);
    for (const part of built) {
      const problem = await this.#make(part);
      if (problem === undefined) continue;
      this.problems.push(problem);
      return;
    }
  }

  async start(): Promise<void> {
    const part = this.#relayPart;
    const token = isSource(part) ? BroadcastRelay : part;
    const relay =
      token === undefined ? undefined : (this.container.instanceOf(token) as BroadcastRelay | null);
    const started = (): void => void (this.#fanOut.relay = relay ?? null);
    const special = relay && { value: relay, parameter: this.#fanOut.receive, started };
    await this.container.start(special ?? undefined);
  }

  /** What is provided as the relay, or the component that is one. */
  get #relayPart(): Part | undefined {
    const isRelay = (target: AnyClass): boolean =>
      target.prototype instanceof BroadcastRelay && isSingleton(target);
    return this.sources.get(BroadcastRelay) ?? this.#classes.find(isRelay);
  }

  /** As a configurer would do it, each decorated class becomes a registration. */
  registerDecorated(): void {
    for (const target of this.#classes) {
      const mapping = HANDLER_MAPPING.read(target);
      if (mapping === undefined) continue;
      const handler = isSingleton(target) ? this.instanceOf(target) : target;
      const registration = this.#registry.addHandler(handler as WebSocketHandler, ...mapping.paths);
      registration.setOptions(mapping.options);
    }
  }

  /** As in Spring, one `@EnableWebSocket()` lets every configurer of the application be asked. */
  async askConfigurers(): Promise<void> {
    const enabled = this.#classes.some((each) => ENABLE_WEBSOCKET.read(each));
    for (const target of this.#classes.filter((each) => this.#isConfigurer(each))) {
      const configurer = this.container.instanceOf(target) as WebSocketConfigurer | undefined;
      if (!enabled) this.problems.push(configurerNotEnabled(target.name));
      if (configurer !== undefined) await this.#ask(configurer, target.name);
    }
  }

  /** The classes of interceptors, handshake handlers and decorators that are named and not made yet. */
  classesInOptions(decorators: readonly unknown[]): AnyClass[] {
    const ofHandlers: unknown[] = this.registrations.flatMap(({ options }) => [
      ...asList(options.interceptors),
      options.handshakeHandler,
      ...asList(options.decorators),
    ]);
    const named = [...decorators, ...ofHandlers];
    // An arrow function is no class; the check of what was made reports it.
    const classes = named.filter(isConstructor);
    return [...new Set(classes)].filter((each) => !this.container.has(each));
  }

  /** The instance of a class; where boot has failed, a stand-in whose constructor never ran, to be looked at only. */
  instanceOf(target: AnyClass): object {
    if (this.container.has(target)) return this.container.instanceOf(target) as object;
    return Object.create(target.prototype as object) as object;
  }

  #madeOf(target: AnyClass): object {
    if (this.container.has(target)) return this.container.instanceOf(target) as object;
    throw invalidArgument("DiscoveredComponents.instanceOf", target, "a component that has been made by now");
  }

  #check(roots: readonly Part[]): InjectionPlan {
    // What was made in an earlier round is there, and must not be made again.
    const open = new Map([...this.sources].filter(([token]) => !this.container.has(token)));
    const parts = roots.map((each) => open.get(each) ?? each);
    return checkInjection(parts, open, (token) => this.#isProvided(token), this.#classes);
  }

  /** The order for configurers that can be made without running factories. */
  #soundConfigurers(roots: readonly Part[], { unsound }: InjectionPlan): readonly Part[] {
    const sound = roots.filter((each) => !isSource(each) && this.#isConfigurer(each) && !unsound.has(each));
    const quiet = sound.filter(
      (each) => !this.#check([each]).order.some((part) => isSource(part) && part.runsCode),
    );
    return this.#check(quiet).order;
  }

  async #make(part: Part): Promise<VernalError | undefined> {
    if (isSource(part)) return this.container.make(part);
    // Anew, because subclasses that share a constructor also share the token of its logger.
    this.container.provideLogger(part);
    return this.container.build(part);
  }

  #warnOfUnreachable(order: readonly Part[]): void {
    for (const part of order) {
      if (isSource(part) || HANDLER_MAPPING.read(part) === undefined || this.#classes.includes(part))
        continue;
      warn(this.#logger, unreachableHandler(part.name));
    }
  }

  #warnOfSeparate(): void {
    for (const [target, owners] of this.#separate) {
      if (owners.length < 2) continue;
      warn(this.#logger, separateInstances(describeToken(target), owners));
    }
  }

  /** The instance of a managed class is the application's own, also where a parent container has another. */
  #isProvided(token: unknown): boolean {
    if (typeof token !== "function" || !isManaged(token as AnyClass)) return this.container.isProvided(token);
    return this.container.has(token);
  }

  #isConfigurer(target: AnyClass): boolean {
    const found = this.container.instanceOf(target) ?? (target.prototype as object);
    return (
      isManaged(target) &&
      typeof (found as Partial<WebSocketConfigurer>).registerWebSocketHandlers === "function"
    );
  }

  async #ask(configurer: WebSocketConfigurer, name: string): Promise<void> {
    this.#registry.registrar = name;
    this.#progress.waitingFor = `${name}.registerWebSocketHandlers()`;
    try {
      await configurer.registerWebSocketHandlers(this.#registry);
    } catch (error) {
      this.problems.push(configurerFailed(name, error));
    }
    this.#progress.waitingFor = undefined;
    this.#registry.registrar = undefined;
  }
}

function warn(logger: Logger, { code, message }: VernalError): void {
  logger.warn({ code }, message);
}
