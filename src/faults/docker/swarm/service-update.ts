import { monotonicMs } from "../../../support/clock.js";
import { engineFields, type SwarmService } from "../client/engine-answers.js";
import type { EngineContext, EngineHold, EngineHoldProof } from "../containers/hold.js";
import { LookLoop } from "../containers/look-loop.js";

/**
 * Has a Swarm service replace its tasks, as its own update settings say. That comes to an end by itself, and nothing is
 * left to undo.
 */
export class ServiceUpdate implements EngineHold {
  readonly id: string;
  readonly name: string;
  readonly keepsDown = false;
  readonly #found: SwarmService;
  readonly #context: EngineContext;
  readonly #loop = new LookLoop(() => this.#look());
  /** Tasks that were there before. */
  #old: ReadonlySet<string> = new Set();
  /** Of the spec that is set. Swarm starts others as well: for what has crashed before, and when it rolls back. */
  #count = 0;
  #replaced = 0;
  #overMs: number | null = null;

  constructor(found: SwarmService, context: EngineContext) {
    this.id = found.id;
    this.name = found.name;
    this.#found = found;
    this.#context = context;
  }

  async place(): Promise<void> {
    const { engine } = this.#context;
    const tasks = await engine.tasks(this.id);
    this.#old = new Set(tasks.filter(({ isWanted }) => isWanted).map(({ id }) => id));
    const { spec } = this.#found;
    const template = engineFields(spec.TaskTemplate);
    const { ForceUpdate: before } = template;
    const count = typeof before === "number" ? before + 1 : 1;
    this.#count = count;
    await engine.updateSwarmService(this.#found, {
      ...spec,
      TaskTemplate: { ...template, ForceUpdate: count },
    });
    await this.#loop.now();
    this.#loop.begin();
  }

  get overSinceMs(): number | null {
    return this.#overMs;
  }

  async prove(): Promise<EngineHoldProof> {
    await this.#loop.now();
    return {
      proven: this.#replaced > 0 && this.#loop.isAnswered,
      evidence: {
        deed: "update",
        tasks: this.#old.size,
        replaced: this.#replaced,
        lookedForS: this.#loop.since(),
        ...this.#loop.counts,
      },
    };
  }

  async lift(): Promise<void> {
    await this.#loop.end();
  }

  async #look(): Promise<void> {
    const tasks = await this.#context.engine.tasks(this.id);
    const isNew = tasks.filter(
      ({ id, isRunning, isWanted, forcedUpdate }) =>
        isRunning && isWanted && forcedUpdate === this.#count && !this.#old.has(id),
    );
    this.#replaced = Math.max(this.#replaced, isNew.length);
    if (this.#replaced >= this.#old.size && this.#old.size > 0) this.#overMs ??= monotonicMs();
  }
}
