import type { Report } from "../../analysis/document/report.js";
import { beyondTimeoutNote } from "../shown/run-in-words.js";

/** The explanations that a screen needs for what it shows. */
export class Legend {
  #hasBeyondTimeout: boolean;

  /** @param above the legend of what is on the screen already. */
  constructor(above?: Legend) {
    this.#hasBeyondTimeout = above === undefined ? false : above.#hasBeyondTimeout;
  }

  /** Notes a table or picture on the screen, and whether something in it reads "> timeout". */
  add(hasBeyondTimeout: boolean): void {
    this.#hasBeyondTimeout ||= hasBeyondTimeout;
  }

  notes(report: Report): readonly string[] {
    const note = this.#hasBeyondTimeout ? beyondTimeoutNote(report) : null;
    return note === null ? [] : [note];
  }
}
