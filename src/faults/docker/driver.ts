import { isDeepStrictEqual } from "node:util";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { isLoopback, isOwnAddress, isWildcard, parseAddress } from "../../support/hosts.js";
import type { FaultAction } from "../fault-action.js";
import type { DriverContext, FaultDriver } from "../fault-driver.js";
import { type DockerEvidence, dockerTarget } from "../kinds/docker/evidence.js";
import { type InjectionProof, noProof } from "../proof.js";
import { notesOf, saidBy } from "../proof-note.js";
import { allowedEngine, engineAccess, engineAddressOf, refuseContext } from "./client/engine-access.js";
import type { ContainerLook } from "./client/engine-answers.js";
import { DockerEngine } from "./client/engine-api.js";
import type { EngineHoldProof } from "./containers/hold.js";
import { type FoundHold, holdsFor, type TargetsContext } from "./engine-targets.js";
import { proofNotes } from "./proof-notes.js";
import { deedKey, type EngineDeed, engineDeedText } from "./undo/deed.js";
import { putBackDeed } from "./undo/put-back.js";

export const driver = (): FaultDriver => new DockerDriver();

const note = notesOf(proofNotes);

interface Held extends FoundHold {
  readonly action: FaultAction;
}

interface Seen extends EngineHoldProof {
  readonly name: string;
  readonly evidence: DockerEvidence;
}

/** Faults on containers and Swarm services, through the API of a Docker engine. */
class DockerDriver implements FaultDriver {
  #context: TargetsContext | null = null;
  #actions: readonly FaultAction[] = [];
  readonly #held: Held[] = [];
  /** What was seen in earlier stages. */
  readonly #seen: Seen[] = [];
  /** Containers that were kept down at some time since the last call of `keptDown`. */
  readonly #keptDown = new Map<string, ContainerLook>();
  /** Deeds that are not known to be undone: the engine may still carry them out, or has not said that it did. */
  readonly #open = new Map<string, EngineDeed>();

  async prepare(context: DriverContext): Promise<ReadonlyMap<string, string>> {
    const { actions, docker, env, allowedHosts, seed, journal, onEvent, onStatus } = context;
    this.#actions = actions;
    if (actions.length === 0) return new Map();
    refuseContext(docker?.host ?? null, env);
    const access = engineAccess(docker?.host ?? null, env);
    allowedEngine(access, allowedHosts);
    onStatus(`connecting to the Docker engine at ${access.host}`);
    const engine = new DockerEngine(access);
    await engine.version();
    const { COMPOSE_PROJECT_NAME = "" } = env;
    const project = docker?.project ?? (COMPOSE_PROJECT_NAME === "" ? null : COMPOSE_PROJECT_NAME);
    const note = (undo: EngineDeed) => {
      journal.undoable({ undo, text: engineDeedText(undo) });
      this.#open.set(deedKey(undo), undo);
    };
    const over = (undo: EngineDeed) => {
      journal.undoable({ undo: { ...undo, isOver: true }, text: engineDeedText(undo) });
      this.#open.delete(deedKey(undo));
    };
    this.#context = { engine, note, over, onEvent, project, seed };
    return new Map();
  }

  /** A service of the scenario may have started the containers, so they are looked for only now. */
  async servicesReady(): Promise<void> {
    const context = this.#context;
    if (context === null) return;
    // Those of the run's later faults among them: a slip is told before the load begins.
    for (const action of this.#actions) await holdsFor(action, context);
  }

  async markBaseline(): Promise<void> {}

  async inject(actions: readonly FaultAction[]): Promise<void> {
    // What has ended by itself is done again.
    const kept = actions.filter((action) => this.#held.some((held) => isOf(held, action) && !isOver(held)));
    const gone = this.#held.filter((held) => !kept.some((action) => isOf(held, action)));
    for (const held of gone.reverse()) await this.#lift(held);
    const fresh: Held[] = [];
    for (const action of actions)
      if (!kept.includes(action)) fresh.push(...(await this.#find(action, fresh)));
    const placed = await Promise.allSettled(fresh.map((held) => this.#place(held)));
    const [failed] = placed.filter((each) => each.status === "rejected");
    if (!failed) return;
    const failures = await this.#takeOutAll(fresh);
    if (failures.length > 0)
      throw new FaultlineError("ROLLBACK_FAILED", failures.join("; "), { cause: failed.reason });
    throw asNotPlaced(failed.reason);
  }

  async prove(): Promise<InjectionProof> {
    const now = await Promise.all(
      this.#held.map(async ({ hold }): Promise<Seen> => ({ name: hold.name, ...(await hold.prove()) })),
    );
    const all = [...this.#seen, ...now];
    if (all.length === 0) return noProof("no injection");
    const missing = all.filter(({ proven }) => !proven);
    const telling = missing.length > 0 ? missing : all;
    return {
      strength: missing.length > 0 ? "none" : "observed",
      proven: missing.length === 0,
      ...saidBy(telling.map(({ name, proven, evidence }) => note("docker", { name, proven, evidence }))),
      targets: all.map(({ name, evidence }) => dockerTarget(name, evidence)),
    };
  }

  async clear(): Promise<void> {
    const failures = await this.#takeOutAll([...this.#held]);
    this.#seen.length = 0;
    if (failures.length > 0) throw new Error(failures.join("; "));
  }

  async close(): Promise<void> {
    const failures: string[] = [];
    await this.clear().catch((error) => failures.push(messageOf(error)));
    if (failures.length === 0 && this.#context !== null) await this.#doneLate(this.#context.engine);
    if (failures.length > 0) throw new Error(failures.join("; "));
  }

  /** A deed may be carried out after its fault was over: a process takes long over a signal, an engine over a call. */
  async #doneLate(engine: DockerEngine): Promise<void> {
    await Promise.all(
      [...this.#open.values()].map((deed) => putBackDeed(engine, deed, { dryRun: false, mayPend: true })),
    );
    this.#open.clear();
  }

  overSinceMs(): number | null {
    const ended = this.#held.map(({ hold }) => hold.overSinceMs);
    const known = ended.filter((atMs) => atMs !== null);
    return known.length > 0 && known.length === ended.length ? Math.max(...known) : null;
  }

  keptDown(): (upstream: string) => boolean {
    const now = this.#held.filter(({ hold }) => hold.keepsDown).flatMap(({ container }) => container ?? []);
    const down = [...this.#keptDown.values(), ...now];
    this.#keptDown.clear();
    for (const container of now) this.#keptDown.set(container.id, container);
    const engine = this.#context && engineAddressOf(this.#context.engine.access);
    const host = engine?.kind === "tcp" ? engine.address.host : null;
    return (upstream) => down.some((container) => answersAt(container, upstream, host));
  }

  async #find(action: FaultAction, beside: readonly Held[]): Promise<readonly Held[]> {
    // `prepare` has made it: there are actions.
    if (this.#context === null) throw new Error("the Docker engine was not asked for");
    const found = await holdsFor(action, this.#context).catch((error) => {
      throw asNotPlaced(error);
    });
    const twice = found.find(({ hold }) =>
      [...this.#held, ...beside].some((held) => held.hold.id === hold.id),
    );
    if (twice) {
      const message = `${twice.hold.name} is named by two parts of the fault; one thing can be done to it at a time`;
      throw new FaultlineError("FAULT_NOT_PLACED", message);
    }
    return found.map((each) => ({ ...each, action }));
  }

  /** It is held before the deed, so that what fails half-way is put back, too. */
  async #place(held: Held): Promise<void> {
    this.#held.push(held);
    await held.hold.place();
    if (held.container && held.hold.keepsDown) this.#keptDown.set(held.hold.id, held.container);
  }

  /** For the stages that come after it. */
  async #lift(held: Held): Promise<void> {
    const proof = await held.hold.prove();
    await this.#takeOut(held);
    this.#seen.push({ name: held.hold.name, ...proof });
  }

  /** At once: each is a container of its own. @returns why some could not be taken out. */
  async #takeOutAll(all: readonly Held[]): Promise<string[]> {
    const done = await Promise.allSettled(all.map((held) => this.#takeOut(held)));
    return done.flatMap((each) => (each.status === "rejected" ? [messageOf(each.reason)] : []));
  }

  async #takeOut(held: Held): Promise<void> {
    if (!this.#held.includes(held)) return;
    const { hold, container } = held;
    if (container && hold.keepsDown) this.#keptDown.set(hold.id, container);
    await hold.lift();
    this.#held.splice(this.#held.indexOf(held), 1);
  }
}

function isOf(held: Held, action: FaultAction): boolean {
  return isDeepStrictEqual(held.action, action);
}

function isOver({ hold }: Held): boolean {
  return hold.overSinceMs !== null;
}

/** A refusal in the middle of a run means that the fault is not there, whatever the engine's reason. */
function asNotPlaced(error: unknown): unknown {
  if (!(error instanceof FaultlineError) || error.code === "DOCKER_UNREACHABLE") return error;
  return new FaultlineError("FAULT_NOT_PLACED", error.message, { cause: error });
}

/**
 * Whether host:port leads to the container: by a port that is published on the engine's machine, or by an address or a name
 * that it has on a network. `engineHost` null: the engine is on this machine.
 */
export function answersAt(
  { name, networks, published }: Pick<ContainerLook, "name" | "networks" | "published">,
  upstream: string,
  engineHost: string | null,
): boolean {
  const asked = parseAddress(upstream);
  if (asked === null) return false;
  const isOnThis = engineHost === null || isLoopback(engineHost) || isOwnAddress(engineHost);
  const isHere = isOnThis ? isLoopback(asked.host) || isOwnAddress(asked.host) : asked.host === engineHost;
  if (
    published.some(
      ({ host, port }) =>
        port === asked.port &&
        ((host === asked.host && (isOnThis || !isLoopback(host))) || (isHere && isAnyHost(host))),
    )
  )
    return true;
  return Object.values(networks).some(({ address, config }) => {
    const { Aliases } = config;
    return [address, name, ...(Array.isArray(Aliases) ? Aliases : [])].includes(asked.host);
  });
}

function isAnyHost(host: string): boolean {
  return host === "" || isWildcard(host) || isLoopback(host);
}
