import { BEYOND_TIMEOUT_NOTE } from "../shown/run-in-words.js";

/** What a screen has to explain because it shows it. */
export class Legend {
  #hasBeyondTimeout: boolean;

  /** @param above of what is on the screen already. */
  constructor(above?: Legend) {
    this.#hasBeyondTimeout = above === undefined ? false : above.#hasBeyondTimeout;
  }

  /** A table or picture is on the screen; whether something in it reads "> timeout". */
  add(hasBeyondTimeout: boolean): void {
    this.#hasBeyondTimeout ||= hasBeyondTimeout;
  }

  notes(): readonly string[] {
    return this.#hasBeyondTimeout ? [BEYOND_TIMEOUT_NOTE] : [];
  }
}
