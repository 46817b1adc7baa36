import { ServiceProcesses } from "../../support/processes/process-group.js";
import { SERVICE_MARKER } from "../../support/processes/process-table.js";
import { redact } from "../../support/redact.js";

export interface MarkedCommandsOptions {
  readonly runId: string;
  readonly secrets: readonly string[];
  /** Another process reads it when this one no longer can end what it has started. */
  readonly journal: { serviceStarting(name: string, address: null): void };
}

/** Commands that a run asks. No process of theirs outlives it, whichever way it ends. */
export class MarkedCommands {
  readonly #options: MarkedCommandsOptions;
  readonly #markers = new Set<string>();

  constructor(options: MarkedCommandsOptions) {
    this.#options = options;
  }

  /**
   * The variable by which all processes of a command are known.
   * @param name "check stock": what the journal is told before the first of them is there.
   */
  markOf(name: string): Readonly<Record<string, string>> {
    const { runId, secrets, journal } = this.#options;
    const shown = redact(name, secrets);
    const marker = `${runId}/${shown}`;
    if (!this.#markers.has(marker)) journal.serviceStarting(shown, null);
    this.#markers.add(marker);
    return { [SERVICE_MARKER]: marker };
  }

  /** Ends those that are left. One that has left its group is known by its environment. */
  async end(): Promise<void> {
    for (const marker of this.#markers) {
      await new ServiceProcesses({ pid: null, start: null, marker }).end(0);
    }
  }
}
