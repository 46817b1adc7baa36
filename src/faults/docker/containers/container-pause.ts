import type { ContainerLook } from "../client/engine-answers.js";
import { LATE_S, type PausedContainer } from "../undo/deed.js";
import {
  type EngineContext,
  type EngineHold,
  type EngineHoldProof,
  isNeverDone,
  undoOwnDeed,
} from "./hold.js";
import { LookLoop } from "./look-loop.js";

/** Freezes all processes of a container. */
export class ContainerPause implements EngineHold {
  readonly id: string;
  readonly name: string;
  readonly overSinceMs = null;
  readonly #found: ContainerLook;
  readonly #context: EngineContext;
  readonly #loop = new LookLoop(() => this.#look());
  #undo: PausedContainer | null = null;
  /** Whether the engine has said that it is done. */
  #isAnswered = false;
  #loose = 0;

  constructor(found: ContainerLook, context: EngineContext) {
    this.id = found.id;
    this.name = found.name;
    this.#found = found;
    this.#context = context;
  }

  async place(): Promise<void> {
    const { id, name } = this;
    const { engine, note } = this.#context;
    const deed: PausedContainer = {
      deed: "pause",
      engine: engine.access,
      id,
      name,
      startedAt: this.#found.startedAt,
      withinS: LATE_S,
      atMs: Date.now(),
    };
    note(deed);
    this.#undo = deed;
    try {
      await engine.pause(id);
    } catch (error) {
      // Somebody else may have paused it a moment ago. That is not undone.
      if (isNeverDone(error)) {
        this.#context.over(deed);
        this.#undo = null;
      }
      throw error;
    }
    this.#isAnswered = true;
    await this.#loop.now();
    this.#loop.begin();
  }

  get keepsDown(): boolean {
    return this.#undo !== null;
  }

  async prove(): Promise<EngineHoldProof> {
    await this.#loop.now();
    const proven = this.#loose === 0 && this.#loop.isAnswered;
    return { proven, evidence: { deed: "pause", loose: this.#loose, ...this.#loop.counts } };
  }

  async lift(): Promise<void> {
    await this.#loop.end();
    if (this.#undo === null) return;
    await undoOwnDeed(this.#context, this.#undo, !this.#isAnswered);
    this.#undo = null;
  }

  async #look(): Promise<void> {
    const look = await this.#context.engine.container(this.id);
    if (look?.isPaused !== true || look.startedAt !== this.#found.startedAt) this.#loose += 1;
  }
}
