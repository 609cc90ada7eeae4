import type { Logger } from "pino";
import type { AnyClass } from "../../class-metadata";
import { bootFailed, configurerFailed, configurerNotEnabled, type VernalError } from "../../errors";
import { COMPONENT } from "../../injection";
import type { ConnectionOptions } from "../../options";
import { WebSocketBroadcaster } from "../../websocket-broadcaster";
import { CONFIGURATION, ENABLE_WEBSOCKET, type WebSocketConfigurer } from "../../websocket-configurer";
import { HANDLER_MAPPING, type ErrorMapper, type WebSocketHandler } from "../../websocket-handler";
import { WebSocketSessions } from "../../websocket-sessions";
import type { Endpoint } from "../handshake/endpoint";
import type { EndpointEntry } from "../handshake/endpoint-table";
import { FanOut } from "../sessions/fan-out";
import { SessionIndex } from "../sessions/session-index";
import { compileEndpoints } from "./compile-endpoint";
import { ApplicationContainer } from "./container";
import { discover } from "./discovery";
import { HandlerRegistry, type HandlerRegistration } from "./handler-registry";
import { checkInjection, type InjectionPlan } from "./injection-check";

export interface BootSettings {
  /** What is known to be wrong before anything is looked at. */
  readonly problems: readonly VernalError[];
  readonly scan: readonly string[];
  readonly components: readonly AnyClass[];
  readonly limits: ConnectionOptions;
  readonly mapError: ErrorMapper | undefined;
  readonly logger: Logger;
}

/** An application that is wired and not yet started. */
export interface Booted {
  readonly container: ApplicationContainer;
  readonly index: SessionIndex;
  readonly endpoints: readonly EndpointEntry<Endpoint>[];
  readonly registrations: readonly HandlerRegistration[];
}

/** From classes to endpoints. Rejects with `VERNAL_BOOT_FAILED` and every problem there is. */
export async function boot(settings: BootSettings): Promise<Booted> {
  const { classes, problems: found } = await discover(settings.scan, settings.components);
  const wiring = new Wiring(settings.logger, [...settings.problems, ...found]);
  wiring.build(classes.filter(isManaged));
  wiring.registerDecorated(classes);
  await wiring.askConfigurers(classes);
  wiring.closeRegistry();
  wiring.build(wiring.classesInOptions());

  const { container, index, problems, registrations } = wiring;
  const endpoints = compileEndpoints(
    registrations,
    {
      limits: settings.limits,
      mapError: settings.mapError,
      logger: settings.logger,
      observer: index,
      instanceOf: (target) => wiring.instanceOf(target),
    },
    problems,
  );
  if (problems.length > 0) {
    await container.dispose();
    throw bootFailed(problems);
  }
  return { container, index, endpoints, registrations };
}

/** The steps of boot over what they share: the container, the registry, and the problems so far. */
class Wiring {
  readonly container: ApplicationContainer;
  readonly index = new SessionIndex();
  readonly problems: VernalError[];
  readonly #registry = new HandlerRegistry();

  constructor(logger: Logger, problems: readonly VernalError[]) {
    this.problems = [...problems];
    this.container = new ApplicationContainer(logger);
    this.container.provide(WebSocketSessions, this.index);
    this.container.provide(WebSocketBroadcaster, new FanOut(this.index));
  }

  get registrations(): readonly HandlerRegistration[] {
    return this.#registry.registrations;
  }

  /**
   * Checks the graph that starts at `roots` and makes what is managed in it. Where anything is wrong only configurers
   * are made, with what they need: they still have paths and origins to be checked in the same report.
   */
  build(roots: readonly AnyClass[]): void {
    const plan = this.#check(roots);
    this.problems.push(...plan.problems);
    const soundConfigurers = roots.filter((each) => this.#isConfigurer(each) && !plan.unsound.has(each));
    const { order } = this.problems.length === 0 ? plan : this.#check(soundConfigurers);
    const built = order.filter((each) => isManaged(each) || roots.includes(each));
    for (const target of order) this.container.provideLogger(target);
    for (const target of built) this.container.register(target);
    for (const target of built) {
      // Anew, because subclasses that share a constructor also share the token of its logger.
      this.container.provideLogger(target);
      const problem = this.container.build(target);
      if (problem === undefined) continue;
      this.problems.push(problem);
      return;
    }
  }

  /** As a configurer would do it, each decorated class becomes a registration. */
  registerDecorated(classes: readonly AnyClass[]): void {
    for (const target of classes) {
      const mapping = HANDLER_MAPPING.read(target);
      if (mapping === undefined) continue;
      const handler = this.instanceOf(target) as WebSocketHandler;
      this.#registry.addHandler(handler, ...mapping.paths).setOptions(mapping.options);
    }
  }

  /** As in Spring, one `@EnableWebSocket()` lets every configurer of the application be asked. */
  async askConfigurers(classes: readonly AnyClass[]): Promise<void> {
    const enabled = classes.some((each) => ENABLE_WEBSOCKET.read(each));
    for (const target of classes.filter((each) => this.#isConfigurer(each))) {
      const configurer = this.container.instanceOf(target) as WebSocketConfigurer | undefined;
      if (!enabled) this.problems.push(configurerNotEnabled(target.name));
      else if (configurer !== undefined) await this.#ask(configurer, target.name);
    }
  }

  closeRegistry(): void {
    this.#registry.close();
  }

  /** The classes of interceptors and handshake handlers that registrations name and that are not made yet. */
  classesInOptions(): AnyClass[] {
    const named = this.registrations.flatMap(({ options }) => [
      ...(options.interceptors ?? []),
      options.handshakeHandler,
    ]);
    const classes = named.filter((each) => typeof each === "function");
    return [...new Set<AnyClass>(classes)].filter((each) => this.container.instanceOf(each) === undefined);
  }

  /** The instance of a class; where boot has failed, a stand-in whose constructor never ran, to be looked at only. */
  instanceOf(target: AnyClass): object {
    return this.container.instanceOf(target) ?? (Object.create(target.prototype as object) as object);
  }

  #check(roots: readonly AnyClass[]): InjectionPlan {
    return checkInjection(roots, (token) => this.#isProvided(token));
  }

  /** The instance of a managed class is the application's own, also where a parent container has another. */
  #isProvided(token: unknown): boolean {
    if (typeof token !== "function" || !isManaged(token as AnyClass)) return this.container.isProvided(token);
    return this.container.instanceOf(token as AnyClass) !== undefined;
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
    try {
      await configurer.registerWebSocketHandlers(this.#registry);
    } catch (error) {
      this.problems.push(configurerFailed(name, error));
    }
    this.#registry.registrar = undefined;
  }
}

function isManaged(target: AnyClass): boolean {
  return [COMPONENT, CONFIGURATION, ENABLE_WEBSOCKET, HANDLER_MAPPING].some(
    (entry) => entry.read(target) !== undefined,
  );
}
