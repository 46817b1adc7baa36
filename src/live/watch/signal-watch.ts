import type { RunInProgress, SignalNow } from "../../measure/run-in-progress.js";
import { formatNumber, formatRatio } from "../../support/format.js";
import type { LiveSignal } from "./live-model.js";

/** Asks a run for its signals again and again, while somebody watches. */
export class SignalWatch {
  #shown: readonly LiveSignal[] = [];
  #isAsking = false;

  /** As they were at the last answer. */
  get shown(): readonly LiveSignal[] {
    return this.#shown;
  }

  /** Asks once, unless the answer before is still to come. */
  ask(run: RunInProgress): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    run
      .signalsNow()
      .then((signals) => {
        this.#shown = signals.map(liveSignal);
      })
      // What cannot be told now may be told later.
      .catch(() => {})
      .finally(() => {
        this.#isAsking = false;
      });
  }
}

function liveSignal({ name, shows }: SignalNow): LiveSignal {
  switch (shows?.kind) {
    case undefined:
      return { name, text: "not known" };
    case "value":
      return { name, text: formatNumber(shows.value) };
    case "share":
      return { name, text: shows.total > 0 ? `${formatRatio(shows.bad / shows.total)} bad` : "none counted" };
    case "state":
      return { name, text: shows.state };
  }
}
