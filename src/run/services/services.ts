import type { RunningService } from "../../faults/fault-driver.js";
import type { ServiceRecord } from "../../measure/record.js";
import type { ServiceSpec } from "../../plan/run-plan.js";
import { formatAddress } from "../../support/address.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import type { ProcessGroup } from "../../support/processes/process-group.js";
import { stillListening } from "../processes/daemons.js";
import { HeldService, type ServicePlaces } from "./held-service.js";
import type { Environment } from "./inherited-environment.js";
import { listenAddress, refuseForeignListeners } from "./listen-address.js";
import { LogLine } from "./log-line.js";
import type { OutputTail } from "./output-tail.js";
import { type ReadyCheck, type ReadyTools, waitUntilReady } from "./readiness.js";
import { type BegunService, ServiceCommands } from "./service-commands.js";
import type { ServiceJournal } from "./service-journal.js";
import { ENDED_WELL, ServiceProcess, serviceOutput } from "./service-process.js";

/** Time between two looks at processes while a service starts. Processes that leave its group then are known by them. */
const LOOK_MS = 100;

export interface StartServicesOptions {
  /** Told apart from other runs on this machine. */
  readonly runId: string;
  /** The environment that each service's own is laid over. */
  readonly env: Environment;
  /** Variables that `env` was reduced to beside a few plain ones. null or missing: it was not. */
  readonly inherits?: readonly string[] | null;
  readonly secrets: readonly string[];
  /** Ends the waiting. All that was started is stopped before the returned promise rejects with the signal's reason. */
  readonly signal: AbortSignal;
  readonly journal?: ServiceJournal;
  /** host:port of this run's own listeners (its proxies). A readiness check may go through one of them. */
  readonly ownListeners?: Iterable<string>;
  /** Is called when the services cannot be started, before those that were are stopped. */
  readonly onFailing?: () => void;
  /** Is called once for each service that ends by itself after all were ready. */
  readonly onExit?: (failure: FaultlineError) => void;
  /** Is called when the first process of a service has just begun. When it throws, the service has failed. */
  readonly onLaunch?: (service: string, pid: number) => void;
  /** For services that wait for an object of a cluster. */
  readonly objectCheck?: ReadyTools["objectCheck"];
  /** Progress in words: "starting shop", "shop is ready after 0.3 s". */
  readonly onProgress?: (text: string) => void;
}

export interface RunningServices {
  /** Their processes. */
  groups(): readonly ProcessGroup[];
  /** The services, in the order of starting. */
  running(): readonly RunningService[];
  /**
   * What became of each until now, in the order of starting.
   * @param secondsAt since load began, of a moment of `monotonicMs`.
   */
  records(secondsAt: (atMs: number) => number): readonly ServiceRecord[];
  /** What each service and its commands have printed, without secrets. */
  outputs(): readonly ServiceOutput[];
  /** Stops all in reverse order. Resolves when all their processes are gone. A second call does nothing. */
  stop(): Promise<void>;
}

export interface ServiceOutput {
  readonly service: string;
  readonly text: string;
}

/**
 * Starts the services in order; each is prepared, started and waited for until it is ready. Texts must have no placeholders left.
 * On any failure all that was started is stopped before this rejects.
 * @throws FaultlineError SERVICE_FAILED, PORT_IN_USE; ROLLBACK_FAILED: what was started cannot be stopped
 */
export async function startServices(
  specs: readonly ServiceSpec[],
  options: StartServicesOptions,
): Promise<RunningServices> {
  await refuseForeignListeners(specs, [...(options.ownListeners ?? [])]);
  const services = new Services(options);
  try {
    for (const spec of specs) await services.start(spec);
    services.finishStart();
    return services;
  } catch (error) {
    options.onFailing?.();
    await services.stop().catch((stopError) => {
      throw new FaultlineError("ROLLBACK_FAILED", `${messageOf(error)}\n${messageOf(stopError)}`, {
        cause: error,
      });
    });
    throw error;
  }
}

class Services implements RunningServices, ServicePlaces {
  readonly #options: StartServicesOptions;
  readonly #commands: ServiceCommands;
  readonly #begun: BegunService[] = [];
  /** The services that have begun, at their places. */
  readonly #running: ServiceProcess[] = [];
  /** Aborted with the error of the first service that ends while others are still being started. */
  readonly #lost = new AbortController();
  readonly #ready = new Set<ServiceProcess>();
  /** Services that are being started again. */
  readonly #comingBack = new Set<Promise<boolean>>();
  #allReady = false;
  #stopping: Promise<void> | null = null;

  constructor(options: StartServicesOptions) {
    this.#options = options;
    this.#commands = new ServiceCommands(options);
  }

  async start(spec: ServiceSpec): Promise<void> {
    const { signal, onProgress } = this.#options;
    signal.throwIfAborted();
    onProgress?.(`starting ${spec.name}`);
    const startedAt = performance.now();
    const begun = { spec, output: serviceOutput(this.#options.secrets) };
    this.#begun.push(begun);
    await this.#commands.prepare(begun, this.#whileStarting());
    await this.#awaitReady(await this.#launch(spec, this.#running.length, begun.output));
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    onProgress?.(`${spec.name} is ready after ${seconds} s`);
  }

  at(place: number): ServiceProcess {
    const service = this.#running[place];
    if (!service) throw new Error(`there is no service ${place}`);
    return service;
  }

  startAgain(place: number, onStarted: () => void): Promise<boolean> {
    const work = this.#startAgain(place, onStarted).finally(() => this.#comingBack.delete(work));
    this.#comingBack.add(work);
    return work;
  }

  /** Aborted with the reason why no service is waited for any more. */
  #whileStarting(): AbortSignal {
    return AbortSignal.any([this.#options.signal, this.#lost.signal]);
  }

  /** A process of the service that has ended may hold its place. `output` takes what the new one prints. */
  async #launch(spec: ServiceSpec, place: number, output: OutputTail): Promise<ServiceProcess> {
    const { runId, env, secrets, journal } = this.#options;
    const address = listenAddress(spec, this.#options.ownListeners ?? []);
    journal?.serviceStarting(spec.name, address);
    const marker = `${runId}/${spec.name}`;
    const logLine = spec.readyLog === null ? null : new LogLine(spec.readyLog);
    const options = { env, secrets, marker, address, output, logLine };
    const service = await ServiceProcess.start(spec, options);
    this.#running[place] = service;
    // Before anything else: what it starts from now on goes where it goes.
    if (service.group.pid !== null) this.#options.onLaunch?.(spec.name, service.group.pid);
    void service.ended.then((how) => this.#onEnded(service, how));
    journal?.serviceStarted(spec.name, service.group, spec.stopGraceMs);
    return service;
  }

  async #awaitReady(service: ServiceProcess): Promise<void> {
    const { spec } = service;
    const checks = this.#commands.readyChecks(service, () => this.#whileStarting());
    await this.#waitFor(service, checks);
    this.#ready.add(service);
    if (checks.length > 0) this.#options.journal?.serviceReady(spec.name, service.findDaemons());
  }

  async #startAgain(place: number, onStarted: () => void): Promise<boolean> {
    const before = this.at(place);
    let now = before;
    try {
      await before.stop();
      const holder = before.address && (await stillListening(before.address));
      if (holder) throw new Error(`its port is listened on by ${holder}`);
      if (this.#stopping || this.#options.signal.aborted) throw new Error("the services are being stopped");
      now = await this.#launch(before.spec, place, before.output);
      onStarted();
      return await Promise.race([this.#awaitReady(now).then(() => true), endedAsExpected(now)]);
    } catch (error) {
      // A run that is ending needs no further reason. Nobody waits for the service then.
      if (!this.#stopping && !this.#options.signal.aborted) {
        now.expectEnd(false);
        const isTold = error instanceof FaultlineError && error.code === "SERVICE_FAILED" && now !== before;
        this.#options.onExit?.(
          isTold ? error : await now.failed(`could not be started again: ${messageOf(error)}`),
        );
      }
      throw error;
    }
  }

  /** From now on `onExit` is called when a service ends. */
  finishStart(): void {
    this.#lost.signal.throwIfAborted();
    this.#allReady = true;
  }

  groups(): readonly ProcessGroup[] {
    return this.#running.map(({ group }) => group);
  }

  running(): readonly RunningService[] {
    return this.#running.map((_, place) => new HeldService(this, place));
  }

  records(secondsAt: (atMs: number) => number): readonly ServiceRecord[] {
    return this.#running.map((service) => service.record(secondsAt));
  }

  outputs(): readonly ServiceOutput[] {
    return this.#begun.map(({ spec, output }) => ({ service: spec.name, text: String(output) }));
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #waitFor(service: ServiceProcess, checks: readonly ReadyCheck[]): Promise<void> {
    const { spec } = service;
    const signal = this.#whileStarting();
    if (checks.length === 0) {
      signal.throwIfAborted();
      return;
    }
    const looking = setInterval(() => service.look(), LOOK_MS);
    const notReady = await waitUntilReady(checks, spec.readyTimeoutMs, signal).finally(() =>
      clearInterval(looking),
    );
    if (notReady) {
      const seconds = spec.readyTimeoutMs / 1000;
      const what = `was not ready within ${seconds} s (${notReady.check}: ${notReady.why})`;
      throw this.#allReady
        ? await service.failed(`was started again and ${what}`)
        : await service.failure(what);
    }
  }

  async #onEnded(service: ServiceProcess, how: string): Promise<void> {
    if (this.#stopping) return;
    this.#noteOutlivers(service);
    if (service.isExpectedToEnd) return;
    const when = this.#ready.has(service) ? "after it was ready" : "before it was ready";
    const hint = how === ENDED_WELL ? " (a service has to stay in the foreground)" : "";
    const failure = await service.failure(`${how} ${when}${hint}`);
    if (this.#stopping) return;
    if (this.#allReady) this.#options.onExit?.(failure);
    else this.#lost.abort(failure);
  }

  #noteOutlivers(service: ServiceProcess): void {
    const living = service.look();
    if (living.length === 0) return;
    try {
      this.#options.journal?.serviceOutlived(service.spec.name, living);
    } catch {
      // This process knows all of them. Another one would find those that carry the marker.
    }
  }

  async #stopAll(): Promise<void> {
    const failures: string[] = [];
    this.#lost.abort(new Error("the services are being stopped"));
    // What is started until then is stopped with the others.
    await Promise.allSettled(this.#comingBack);
    for (const [place, begun] of [...this.#begun.entries()].reverse()) {
      await this.#running[place]?.stop().catch((error) => failures.push(messageOf(error)));
      failures.push(...(await this.#commands.cleanUp(begun)));
    }
    // This comes last, because one service may be ready when the port of another answers.
    for (const { address, spec } of this.#running) {
      const holder = address && (await stillListening(address));
      if (address && holder !== null)
        failures.push(
          `${formatAddress(address)}, the port of service "${spec.name}", is still listened on by ${holder}`,
        );
    }
    if (failures.length > 0) throw new Error(failures.join("; "));
  }
}

/** Resolves with false when a fault ends the service. Else it stays pending: the readiness check tells of any other end. */
async function endedAsExpected(service: ServiceProcess): Promise<false> {
  await service.ended;
  return service.isExpectedToEnd ? false : new Promise(() => {});
}
