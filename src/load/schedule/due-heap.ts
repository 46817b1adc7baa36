/** Things that become due later, the earliest on top (a binary heap). */
export class DueHeap<T> {
  readonly #dueUs: number[] = [];
  readonly #items: T[] = [];

  /** Infinite when empty. */
  get nextDueUs(): number {
    return this.#dueUs[0] ?? Number.POSITIVE_INFINITY;
  }

  push(dueUs: number, item: T): void {
    let at = this.#items.length;
    this.#dueUs.push(dueUs);
    this.#items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#dueUs[parent]! <= this.#dueUs[at]!) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  pop(): T | undefined {
    const last = this.#items.length - 1;
    if (last < 0) return undefined;
    this.#swap(0, last);
    this.#dueUs.pop();
    const item = this.#items.pop();
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      if (left >= last) break;
      const child = left + 1 < last && this.#dueUs[left + 1]! < this.#dueUs[left]! ? left + 1 : left;
      if (this.#dueUs[at]! <= this.#dueUs[child]!) break;
      this.#swap(at, child);
      at = child;
    }
    return item;
  }

  #swap(a: number, b: number): void {
    const dueUs = this.#dueUs[a]!;
    const item = this.#items[a]!;
    this.#dueUs[a] = this.#dueUs[b]!;
    this.#items[a] = this.#items[b]!;
    this.#dueUs[b] = dueUs;
    this.#items[b] = item;
  }
}
