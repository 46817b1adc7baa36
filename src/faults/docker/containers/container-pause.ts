import type { ContainerLook } from "../client/engine-answers.js";
import { LATE_S, type PausedContainer } from "../undo/deed.js";
import type { EngineContext, EngineHold, EngineHoldProof } from "./hold.js";
import { LookLoop } from "./look-loop.js";
import { type NotedDeed, noteDeed } from "./noted-deed.js";

/** Freezes all processes of a container. */
export class ContainerPause implements EngineHold {
  readonly id: string;
  readonly name: string;
  readonly overSinceMs = null;
  readonly #found: ContainerLook;
  readonly #context: EngineContext;
  readonly #loop = new LookLoop(() => this.#look());
  #noted: NotedDeed<PausedContainer> | null = null;
  #loose = 0;

  constructor(found: ContainerLook, context: EngineContext) {
    this.id = found.id;
    this.name = found.name;
    this.#found = found;
    this.#context = context;
  }

  async place(): Promise<void> {
    const { id, name } = this;
    const { engine } = this.#context;
    this.#noted = noteDeed<PausedContainer>(this.#context, {
      deed: "pause",
      engine: engine.access,
      id,
      name,
      startedAt: this.#found.startedAt,
      withinS: LATE_S,
      atMs: Date.now(),
    });
    await this.#noted.ask(() => engine.pause(id));
    await this.#loop.now();
    this.#loop.begin();
  }

  get keepsDown(): boolean {
    return this.#noted?.isOpen === true;
  }

  async prove(): Promise<EngineHoldProof> {
    await this.#loop.now();
    const proven = this.#loose === 0 && this.#loop.isAnswered;
    return { proven, evidence: { deed: "pause", loose: this.#loose, ...this.#loop.counts } };
  }

  async lift(): Promise<void> {
    await this.#loop.end();
    await this.#noted?.undo();
  }

  async #look(): Promise<void> {
    const look = await this.#context.engine.container(this.id);
    if (look?.isPaused !== true || look.startedAt !== this.#found.startedAt) this.#loose += 1;
  }
}
