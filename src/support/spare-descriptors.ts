import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";

const COUNT = 4;

/** File descriptors that are kept for what has to be done when the process has no others. */
export class SpareDescriptors {
  readonly #held: number[] = [];

  /** As many as can be had. */
  hold(): void {
    try {
      while (this.#held.length < COUNT) this.#held.push(openSync(devNull, "r"));
    } catch {
      // Fewer are kept: whoever needs one finds out.
    }
  }

  release(): void {
    for (const descriptor of this.#held.splice(0)) closeSync(descriptor);
  }
}
