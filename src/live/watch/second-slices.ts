import { type EndedSecond, EndedSeconds, quantileOfSecond } from "../../measure/live/ended-seconds.js";
import { perOutcome } from "../../measure/outcome.js";
import type { LiveNumbers } from "../../measure/run-in-progress.js";
import { BEYOND_TIMEOUT } from "../../report/html/page-model.js";
import { SHOWN_QUANTILES, TAIL_SHARE } from "../../report/shown/seconds-of-run.js";
import type { LiveSecond } from "./live-model.js";

/** Joins live samples to seconds, as the page shows them. */
export class SecondSlices {
  readonly #seconds = new EndedSeconds();

  /**
   * @param zeroMs when load began, on the clock of `LiveNumbers.atMs`.
   * @returns the second that this sample completes; null when it is not complete yet.
   */
  add(numbers: LiveNumbers, zeroMs: number): LiveSecond | null {
    const second = this.#seconds.add(numbers);
    return second && shown(second, zeroMs);
  }
}

function shown(second: EndedSecond, zeroMs: number): LiveSecond {
  const widthS = second.widthMs / 1000;
  return {
    atS: rounded(Math.max(0, (second.startMs - zeroMs) / 1000)),
    widthS: rounded(widthS),
    perS: perOutcome((outcome) => rounded(second.outcomes[outcome] / widthS)),
    latencyMs: SHOWN_QUANTILES.map((quantile) => {
      const ms = quantileOfSecond(second, 1 - TAIL_SHARE[quantile]);
      if (ms === "inf") return BEYOND_TIMEOUT;
      return ms === null ? null : rounded(ms);
    }),
  };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
