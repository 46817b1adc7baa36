/** One thing to undo. */
interface UndoStep {
  readonly name: string;
  readonly undo: () => Promise<void> | void;
}

export interface UndoFailure {
  readonly name: string;
  readonly error: unknown;
}

/**
 * What was started or injected. It is undone once, in reverse order, whichever way out is taken. A step that fails does
 * not stop the others.
 */
export class Teardown {
  readonly #steps: UndoStep[] = [];
  #running: Promise<UndoFailure[]> | null = null;

  add(name: string, undo: UndoStep["undo"]): void {
    if (this.#running) throw new Error(`teardown has begun; "${name}" came too late`);
    this.#steps.push({ name, undo });
  }

  get started(): boolean {
    return this.#running !== null;
  }

  /** Undoes everything. Further calls wait for the same pass. Resolves with the steps that failed, in order. */
  run(): Promise<UndoFailure[]> {
    this.#running ??= this.#undoAll();
    return this.#running;
  }

  async #undoAll(): Promise<UndoFailure[]> {
    const failures: UndoFailure[] = [];
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step.undo();
      } catch (error) {
        failures.push({ name: step.name, error });
      }
    }
    return failures;
  }
}
