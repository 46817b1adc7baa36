import { isDeepStrictEqual } from "node:util";
import { messageOf } from "../../support/errors.js";
import type { FaultAction } from "../fault-action.js";
import type { DriverContext, DriverJournal, FaultDriver, RunningService } from "../fault-driver.js";
import { PROCESS } from "../process-action.js";
import { type InjectionProof, noProof, type TargetProof } from "../proof.js";
import type { Hold, HoldProof } from "./hold.js";
import { holdFor } from "./holds.js";

export const driver = (): FaultDriver => new ProcessDriver();

interface Held {
  readonly action: FaultAction;
  readonly hold: Hold;
}

/** Faults on the processes that `services:` started: a target is a service of the scenario. */
class ProcessDriver implements FaultDriver {
  #journal: DriverJournal | null = null;
  #services: readonly RunningService[] = [];
  readonly #held: Held[] = [];
  /** Of earlier stages. */
  readonly #seen: (HoldProof & { readonly target: string })[] = [];

  async prepare({ journal }: DriverContext): Promise<ReadonlyMap<string, string>> {
    this.#journal = journal;
    return new Map();
  }

  async servicesReady(services: readonly RunningService[]): Promise<void> {
    this.#services = services;
  }

  async markBaseline(): Promise<void> {}

  async inject(actions: readonly FaultAction[]): Promise<void> {
    const gone = this.#held.filter(({ action }) => !actions.some((each) => isDeepStrictEqual(each, action)));
    const fresh = actions.filter(
      (action) => !this.#held.some((each) => isDeepStrictEqual(each.action, action)),
    );
    for (const held of gone) await this.#lift(held);
    const placed: Held[] = [];
    try {
      for (const action of fresh) placed.push(await this.#place(action));
    } catch (error) {
      for (const held of placed.reverse()) await this.#lift(held);
      // What held before goes on.
      for (const { action } of gone) await this.#place(action);
      throw error;
    }
  }

  async prove(): Promise<InjectionProof> {
    const all = [
      ...this.#seen,
      ...this.#held.map(({ action: { target }, hold }) => ({ target, ...hold.prove() })),
    ];
    if (all.length === 0) return noProof("no injection");
    const missing = all.filter(({ proven }) => !proven);
    const telling = missing.length > 0 ? missing : all;
    return {
      strength: missing.length > 0 ? "none" : "observed",
      proven: missing.length === 0,
      explanation: telling.map(({ explanation }) => explanation).join("; "),
      isIdle: missing.length > 0 && missing.every(({ isIdle }) => isIdle === true),
      targets: all.map(targetProof),
    };
  }

  async clear(): Promise<void> {
    const failures: string[] = [];
    for (const held of [...this.#held].reverse()) {
      await this.#lift(held).catch((error) => failures.push(messageOf(error)));
    }
    this.#seen.length = 0;
    if (failures.length > 0) throw new Error(failures.join("; "));
  }

  close(): Promise<void> {
    return this.clear();
  }

  async #place(action: FaultAction): Promise<Held> {
    const service = this.#services.find(({ name }) => name === action.target);
    // The checks have refused it before, with its place.
    if (!service) throw new Error(`there is no service "${action.target}"`);
    const held = {
      action,
      hold: holdFor(action, service, (undo, text) => this.#journal?.undoable({ undo, text })),
    };
    await held.hold.place();
    this.#held.push(held);
    return held;
  }

  async #lift(held: Held): Promise<void> {
    const proof = held.hold.prove();
    await held.hold.lift();
    this.#held.splice(this.#held.indexOf(held), 1);
    this.#seen.push({ target: held.action.target, ...proof });
  }
}

function targetProof({ target, evidence }: HoldProof & { readonly target: string }): TargetProof {
  return { driver: PROCESS, target, evidence };
}
