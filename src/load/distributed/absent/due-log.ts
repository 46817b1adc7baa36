const FIRST_ROOM = 256;

/** When requests were due, in order, and what they are. Twelve bytes each: a lost worker may have owed millions. */
export class DueLog {
  #dueMs = new Float64Array(FIRST_ROOM);
  #names = new Uint32Array(FIRST_ROOM);
  /** Those from here on are kept. */
  #from = 0;
  #until = 0;
  #forgottenMs = Number.NEGATIVE_INFINITY;

  /** @param name the number of its name in the mix. */
  add(dueMs: number, name: number): void {
    if (dueMs < this.#forgottenMs) return;
    if (this.#until === this.#dueMs.length) this.#makeRoom();
    this.#dueMs[this.#until] = dueMs;
    this.#names[this.#until] = name;
    this.#until += 1;
  }

  /** Nothing before this instant is asked for again. */
  forget(beforeMs: number): void {
    this.#forgottenMs = Math.max(this.#forgottenMs, beforeMs);
    while (this.#from < this.#until && this.#dueMs[this.#from]! < this.#forgottenMs) this.#from += 1;
  }

  each(fromMs: number, untilMs: number, tell: (dueMs: number, name: number) => void): void {
    for (let at = this.#from; at < this.#until; at++) {
      const dueMs = this.#dueMs[at]!;
      if (dueMs >= untilMs) return;
      if (dueMs >= fromMs) tell(dueMs, this.#names[at]!);
    }
  }

  #makeRoom(): void {
    const kept = this.#until - this.#from;
    const room = 2 * kept > this.#dueMs.length ? 2 * this.#dueMs.length : this.#dueMs.length;
    const [dueMs, names] = [new Float64Array(room), new Uint32Array(room)];
    dueMs.set(this.#dueMs.subarray(this.#from, this.#until));
    names.set(this.#names.subarray(this.#from, this.#until));
    [this.#dueMs, this.#names, this.#from, this.#until] = [dueMs, names, 0, kept];
  }
}
