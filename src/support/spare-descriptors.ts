import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";

const COUNT = 4;

/** File descriptors that are kept for work that must be done when the process has no others. */
export class SpareDescriptors {
  readonly #held: number[] = [];

  /** Takes as many as can be had. */
  hold(): void {
    try {
      while (this.#held.length < COUNT) this.#held.push(openSync(devNull, "r"));
    } catch {
      // Fewer are kept. Code that needs one finds out.
    }
  }

  release(): void {
    for (const descriptor of this.#held.splice(0)) closeSync(descriptor);
  }
}
