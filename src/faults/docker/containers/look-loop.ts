import { monotonicMs, waited } from "../../../support/clock.js";

const EVERY_MS = 500;

/**
 * Looks at something twice a second until it is told to stop. A look that fails says nothing of that moment, and is
 * counted.
 */
export class LookLoop {
  readonly #look: () => Promise<void>;
  readonly #stopped = new AbortController();
  readonly #beganMs = monotonicMs();
  #going: Promise<void> | null = null;
  #last: Promise<void> = Promise.resolve();
  looks = 0;
  unanswered = 0;
  /** Whether the last look was answered. */
  isAnswered = false;

  constructor(look: () => Promise<void>) {
    this.#look = look;
  }

  begin(): void {
    this.#going ??= this.#goOn();
  }

  /** Looks now, or after the look that is under way. */
  now(): Promise<void> {
    this.#last = this.#last.then(async () => {
      this.looks += 1;
      try {
        await this.#look();
        this.isAnswered = true;
      } catch {
        this.unanswered += 1;
        this.isAnswered = false;
      }
    });
    return this.#last;
  }

  /** What records hold of it. */
  get counts(): { readonly looks: number; readonly unanswered: number; readonly isAnswered: boolean } {
    return { looks: this.looks, unanswered: this.unanswered, isAnswered: this.isAnswered };
  }

  /** Resolves when the last look has ended. */
  async end(): Promise<void> {
    this.#stopped.abort();
    await this.#going;
  }

  /** Seconds since it was made. */
  since(atMs = monotonicMs()): number {
    return Math.round(atMs - this.#beganMs) / 1000;
  }

  async #goOn(): Promise<void> {
    while (await waited(EVERY_MS, this.#stopped.signal)) await this.now();
  }
}
