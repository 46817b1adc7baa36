import { tableBytesIn } from "./frames/own-frames.js";

/** Sizes of the table of headers that the client asked for, by SETTINGS that the upstream has not taken yet. */
export class AskedTables {
  readonly #sizes: (number | null)[] = [];

  /** SETTINGS of the client. */
  asked(frame: Buffer): void {
    this.#sizes.push(tableBytesIn(frame));
  }

  /** The upstream has taken the oldest of them. @returns the size that it asked for; null: it did not say. */
  taken(): number | null {
    return this.#sizes.shift() ?? null;
  }
}
