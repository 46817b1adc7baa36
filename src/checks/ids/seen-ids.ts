const FIRST_SLOTS = 1_024;
/** Of the slots so many may be taken. Above it, looking for one takes long. */
const MOST_TAKEN = 0.7;

/**
 * When each id was first seen. It keeps a hash of 64 bits in place of the id, so a million ids take 25 MB at most. Two ids
 * of a million share one in fewer than one of a million runs; then the second seems to be there as soon as the first.
 */
export class SeenIds {
  #high = new Uint32Array(FIRST_SLOTS);
  #low = new Uint32Array(FIRST_SLOTS);
  /** One more than the time, as 0 stands for an empty slot. */
  #atMs = new Uint32Array(FIRST_SLOTS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** An id that was seen before keeps its time. */
  add(id: string, atMs: number): void {
    const [high, low] = hashOf(id);
    const slot = this.#slotOf(high, low);
    if (this.#atMs[slot] !== 0) return;
    this.#put(slot, high, low, Math.max(0, Math.ceil(atMs)) + 1);
    this.#size += 1;
    if (this.#size > MOST_TAKEN * this.#atMs.length) this.#grow();
  }

  /** @returns null when it was never seen. */
  atMs(id: string): number | null {
    const [high, low] = hashOf(id);
    const atMs = this.#atMs[this.#slotOf(high, low)] ?? 0;
    return atMs === 0 ? null : atMs - 1;
  }

  /** Where the hash stands, or the empty slot for it. */
  #slotOf(high: number, low: number): number {
    const mask = this.#atMs.length - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      if (this.#atMs[slot] === 0) return slot;
      if (this.#low[slot] === low && this.#high[slot] === high) return slot;
    }
  }

  #put(slot: number, high: number, low: number, stored: number): void {
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#atMs[slot] = stored;
  }

  #grow(): void {
    const [high, low, atMs] = [this.#high, this.#low, this.#atMs];
    const slots = 2 * atMs.length;
    this.#high = new Uint32Array(slots);
    this.#low = new Uint32Array(slots);
    this.#atMs = new Uint32Array(slots);
    for (const [slot, stored] of atMs.entries()) {
      if (stored === 0) continue;
      const [first, second] = [high[slot] ?? 0, low[slot] ?? 0];
      this.#put(this.#slotOf(first, second), first, second, stored);
    }
  }
}

/** Two multiplications with odd numbers for each character, each followed by a fold of the high bits into the low ones. */
function hashOf(id: string): readonly [high: number, low: number] {
  let high = 0x2545_f491;
  let low = 0x9e37_79b9;
  for (let at = 0; at < id.length; at++) {
    const code = id.charCodeAt(at);
    high = Math.imul(high ^ code, 0x85eb_ca6b);
    high ^= high >>> 15;
    low = Math.imul(low ^ code, 0xc2b2_ae35);
    low ^= low >>> 13;
  }
  high = Math.imul(high ^ (low >>> 16), 0x27d4_eb2f);
  return [(high ^ (high >>> 15)) >>> 0, (low ^ (low >>> 16)) >>> 0];
}
