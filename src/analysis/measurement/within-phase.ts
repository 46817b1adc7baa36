import type { Observations } from "../../slo/observations.js";

type Stretch = Pick<Observations, "startS" | "durationS" | "seconds" | "wholeSeconds">;

/** What is seen of some requests of a phase is of the same stretch of time. */
export abstract class WithinPhase implements Stretch {
  readonly #stretch: Stretch;

  constructor(stretch: Stretch) {
    this.#stretch = stretch;
  }

  get startS(): number {
    return this.#stretch.startS;
  }

  get durationS(): number {
    return this.#stretch.durationS;
  }

  get seconds(): number {
    return this.#stretch.seconds;
  }

  get wholeSeconds(): number {
    return this.#stretch.wholeSeconds;
  }
}
