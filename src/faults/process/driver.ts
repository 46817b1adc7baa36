import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { isSameListener, parseAddress } from "../../support/hosts.js";
import type { FaultAction } from "../fault-action.js";
import type { DriverContext, FaultDriver, RunningService } from "../fault-driver.js";
import { cpuShareOf, memoryOf, PROCESS } from "../process-action.js";
import { type InjectionProof, noProof, type TargetProof } from "../proof.js";
import { notesOf, saidBy } from "../proof-note.js";
import type { Hold, HoldProof } from "./hold.js";
import { type HoldContext, holdFor } from "./holds.js";
import { MemoryGroup } from "./memory-group.js";
import { proofNotes } from "./proof-notes.js";

export const driver = (): FaultDriver => new ProcessDriver();

const note = notesOf(proofNotes);

interface Held {
  readonly action: FaultAction;
  readonly service: RunningService;
  readonly hold: Hold;
}

interface Seen extends HoldProof {
  readonly target: string;
}

/** Faults on the processes that `services:` started. A target is the name of a service. */
class ProcessDriver implements FaultDriver {
  #context: HoldContext | null = null;
  #services: readonly RunningService[] = [];
  readonly #held: Held[] = [];
  readonly #memory = new Map<string, MemoryGroup>();
  /** What was seen in earlier stages. */
  readonly #seen: Seen[] = [];
  /** What was taken out while its service was still starting again. */
  readonly #starting = new Set<Held>();
  /** Services that a fault kept down at some time since the last call of `keptDown`. */
  #keptDown = new Set<RunningService>();
  /** Whether an action of any stage since the last `clear` cannot be taken back. */
  #staysDone = false;

  async prepare({ actions, journal, onEvent }: DriverContext): Promise<ReadonlyMap<string, string>> {
    refuseWhereUnknown(actions);
    const id = randomBytes(4).toString("hex");
    const note: HoldContext["note"] = (undo, text) => journal.undoable({ undo, text });
    this.#context = { id, note, onEvent, memory: this.#memory };
    for (const action of actions) if (memoryOf(action) !== null) await this.#makeMemoryGroup(action.target);
    return new Map();
  }

  serviceStarted(service: string, pid: number): void {
    this.#memory.get(service)?.join(pid);
  }

  async servicesReady(services: readonly RunningService[]): Promise<void> {
    this.#services = services;
  }

  async markBaseline(): Promise<void> {}

  async inject(actions: readonly FaultAction[]): Promise<void> {
    // An action that has ended by itself is done again.
    const kept = this.#held.filter(({ action, hold }) => isAmong(action, actions) && !isOver(hold));
    const gone = this.#held.filter((held) => !kept.includes(held));
    const fresh = actions.filter((action) => !kept.some((held) => isDeepStrictEqual(held.action, action)));
    for (const held of gone) await this.#lift(held, true);
    const placed: Held[] = [];
    try {
      for (const action of fresh) placed.push(await this.#place(action));
    } catch (error) {
      for (const held of placed.reverse()) await this.#lift(held, true);
      // The holds that were there before go on, except those that cannot be taken back.
      for (const { action, hold } of gone) if (!isOver(hold) && !hold.staysDone) await this.#place(action);
      throw error;
    }
  }

  async prove(): Promise<InjectionProof> {
    const now = this.#held.map(({ action: { target }, hold }) => ({ target, ...hold.prove() }));
    const all: readonly Seen[] = [...this.#seen, ...now];
    if (all.length === 0) return noProof("no injection");
    const missing = all.filter(({ proven }) => !proven);
    const telling = missing.length > 0 ? missing : all;
    return {
      strength: missing.length > 0 ? "none" : "observed",
      proven: missing.length === 0,
      ...saidBy(
        telling.map(({ target: service, proven, evidence }) =>
          note("process", { service, proven, evidence }),
        ),
      ),
      isIdle: missing.length > 0 && missing.every(({ isIdle }) => isIdle === true),
      targets: all.map(targetProof),
    };
  }

  async clear(): Promise<void> {
    const failures: string[] = [];
    for (const held of [...this.#held].reverse()) {
      await this.#lift(held, false).catch((error) => failures.push(messageOf(error)));
    }
    this.#seen.length = 0;
    this.#staysDone = false;
    if (failures.length > 0) throw new Error(failures.join("; "));
  }

  async close(): Promise<void> {
    const failures: string[] = [];
    await this.clear().catch((error) => failures.push(messageOf(error)));
    for (const group of this.#memory.values()) {
      await group.remove().catch((error) => failures.push(messageOf(error)));
    }
    this.#memory.clear();
    if (failures.length > 0) throw new Error(failures.join("; "));
  }

  heldBack(): readonly string[] {
    return this.#held.flatMap(({ action, service }) => {
      return cpuShareOf(action) === null ? [] : (service.group.marker ?? []);
    });
  }

  overSinceMs(): number | null {
    const ended = this.#held.map(({ hold }) => hold.overSinceMs ?? null);
    const known = ended.filter((atMs) => atMs !== null);
    return known.length > 0 && known.length === ended.length ? Math.max(...known) : null;
  }

  get staysDone(): boolean {
    return this.#staysDone || this.#held.some(({ hold }) => hold.staysDone === true);
  }

  keptDown(): (upstream: string) => boolean {
    const downNow = [
      ...[...this.#held, ...this.#starting]
        .filter(({ hold }) => hold.keepsDown || hold.hasKeptDown)
        .map(({ service }) => service),
      // A service that has ended while the run goes on was ended by a fault.
      ...this.#services.filter(({ ending }) => ending !== null),
    ];
    const addresses = [...this.#keptDown, ...downNow].map(({ address }) => address);
    this.#keptDown = new Set(downNow);
    return (upstream) => {
      const asked = parseAddress(upstream);
      // Without `ready` it is not known where a service listens. Any upstream may then be its own.
      return addresses.some((address) => address === null || isSameListener(asked, address));
    };
  }

  /** Memory stays with the group in which a process has asked for it, so a service lives in it from its start. */
  async #makeMemoryGroup(service: string): Promise<void> {
    if (!this.#context || this.#memory.has(service)) return;
    const { id, note } = this.#context;
    const group = await MemoryGroup.make({
      service,
      id,
      note: (made) => note(made, `control group of service "${service}"`),
    });
    if (group === null) {
      throw new FaultlineError(
        "USAGE",
        "`memory` of a fault needs a control group, and faultline may make none here. Run it on Linux as root, or where the `memory` controller is handed down, or leave the fault out",
      );
    }
    this.#memory.set(service, group);
  }

  async #place(action: FaultAction): Promise<Held> {
    const service = this.#services.find(({ name }) => name === action.target);
    // The checks refuse such a scenario, with its place.
    if (!service || !this.#context) throw new Error(`there is no service "${action.target}"`);
    const held = { action, service, hold: holdFor(action, service, this.#context) };
    await held.hold.place();
    this.#staysDone ||= held.hold.staysDone === true;
    if (held.hold.keepsDown) this.#keptDown.add(service);
    this.#held.push(held);
    return held;
  }

  async #lift(held: Held, goesOn: boolean): Promise<void> {
    const proof = held.hold.prove();
    this.#staysDone ||= held.hold.staysDone === true;
    if (held.hold.hasKeptDown) this.#keptDown.add(held.service);
    await held.hold.lift(goesOn);
    this.#held.splice(this.#held.indexOf(held), 1);
    if (held.hold.keepsDown && held.hold.staysDone !== true) this.#starting.add(held);
    this.#seen.push({ target: held.action.target, ...proof });
  }
}

/** Refuses limits of CPU time outside Linux: /proc says how much CPU time a process has had. */
function refuseWhereUnknown(actions: readonly FaultAction[]): void {
  if (process.platform === "linux" || !actions.some((action) => cpuShareOf(action) !== null)) return;
  throw new FaultlineError("USAGE", "`cpu` of a fault needs Linux. Leave it out here, or use `pause`");
}

function isAmong(action: FaultAction, actions: readonly FaultAction[]): boolean {
  return actions.some((each) => isDeepStrictEqual(each, action));
}

function isOver({ overSinceMs }: Hold): boolean {
  return overSinceMs !== undefined && overSinceMs !== null;
}

function targetProof({ target, evidence }: Seen): TargetProof {
  return { driver: PROCESS, target, evidence };
}
