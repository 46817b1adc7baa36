import { isRefusal } from "../client/engine-call.js";
import type { EngineDeed } from "../undo/deed.js";
import { type PutBack, putBackDeed } from "../undo/put-back.js";
import type { EngineContext } from "./hold.js";

/** A deed of this process that the journal knows of. It is undone once. */
export interface NotedDeed<Deed extends EngineDeed> {
  readonly deed: Deed;
  /** Whether there may be something to undo. */
  readonly isOpen: boolean;
  /** Has the engine do it. @throws what `asked` rejects with. A deed that the engine says was never done is over. */
  ask(asked: () => Promise<unknown>): Promise<void>;
  /** It was never done, or is not ours to undo. */
  drop(): void;
  /**
   * What somebody else has changed meanwhile stays, and is put on the timeline. A second call does nothing.
   * @param mayComeLate whether the engine may still do it. Missing: when it has not said that it is done.
   */
  undo(mayComeLate?: boolean): Promise<PutBack>;
}

/** Writes a deed to the journal, right before it is done. @throws when it cannot be written: then it must not be done. */
export function noteDeed<Deed extends EngineDeed>(context: EngineContext, deed: Deed): NotedDeed<Deed> {
  context.note(deed);
  return new OwnDeed(context, deed);
}

class OwnDeed<Deed extends EngineDeed> implements NotedDeed<Deed> {
  readonly deed: Deed;
  readonly #context: EngineContext;
  /** Whether the engine has said that it is done. */
  #isAnswered = false;
  isOpen = true;

  constructor(context: EngineContext, deed: Deed) {
    this.#context = context;
    this.deed = deed;
  }

  async ask(asked: () => Promise<unknown>): Promise<void> {
    try {
      await asked();
    } catch (error) {
      // It was so already, by itself or by somebody else. That is not undone.
      if (isNeverDone(error)) this.drop();
      throw error;
    }
    this.#isAnswered = true;
  }

  drop(): void {
    this.#context.over(this.deed);
    this.isOpen = false;
  }

  async undo(mayComeLate = !this.#isAnswered): Promise<PutBack> {
    if (!this.isOpen) return null;
    const { engine, over, onEvent } = this.#context;
    const done = await putBackDeed(engine, this.deed, { dryRun: false, mayPend: false });
    if (done?.id === "left") onEvent(`${done.what} is left as it is: ${done.why}`);
    // The journal keeps what may come late.
    if (done !== null || !mayComeLate) over(this.deed);
    this.isOpen = false;
    return done;
  }
}

/** Whether the engine has said that it did nothing: it was in that state already, or is not in a state for it, or is gone. */
function isNeverDone(error: unknown): boolean {
  return isRefusal(error, 304, 403, 404, 409);
}
