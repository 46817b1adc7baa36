import type { NameStatus } from "../segment-accumulator.js";

/** Statuses have three digits. */
const STATUSES = 1000;

/** Answers of one request name by status. Arrays, because every answer is counted here. */
export class StatusTally {
  readonly #answers = new Uint32Array(STATUSES);
  readonly #ok = new Uint32Array(STATUSES);

  count(status: number, isOk: boolean): void {
    this.#answers[status]! += 1;
    this.#ok[status]! += isOk ? 1 : 0;
  }

  /** What came since the last call. */
  take(name: number): NameStatus[] {
    const taken: NameStatus[] = [];
    for (let status = 0; status < STATUSES; status++) {
      const answers = this.#answers[status]!;
      if (answers > 0) taken.push({ name, status, answers, ok: this.#ok[status]! });
    }
    this.#answers.fill(0);
    this.#ok.fill(0);
    return taken;
  }
}
