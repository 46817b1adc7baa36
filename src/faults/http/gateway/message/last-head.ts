/** A head is often the same as the one before it: it is read once. */
export class LastHead<Head> {
  readonly #read: (text: string) => Head;
  #bytes: Buffer = Buffer.alloc(0);
  #head: Head | null = null;

  constructor(read: (text: string) => Head) {
    this.#read = read;
  }

  of(bytes: Buffer): Head {
    if (this.#head === null || !this.#bytes.equals(bytes)) {
      // A copy: the bytes that came with it are not kept.
      this.#bytes = Buffer.from(bytes);
      this.#head = this.#read(bytes.toString("latin1"));
    }
    return this.#head;
  }
}
