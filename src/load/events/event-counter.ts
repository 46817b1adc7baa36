const LF = 10;
const CR = 13;
const COLON = 58;
const DATA = Buffer.from("data");
const MARK = [0xef, 0xbb, 0xbf];

/**
 * Counts server-sent events in a stream that comes in pieces (HTML standard, 9.2.6). An event is whole at the empty line
 * behind it, and has data: comments keep a connection open, and are no events. Nothing is kept but where it is.
 */
export class EventCounter {
  #hasData = false;
  /** Bytes of the line so far. Beyond the field's name they do not matter. */
  #at = 0;
  /** The line so far is the beginning of "data", or "data" and what follows it. */
  #isData = true;
  #afterCr = false;
  /** Bytes of a byte order mark that have come. null: the stream has begun. */
  #mark: number | null = 0;

  /** @returns how many events have become whole with this piece. */
  read(piece: Buffer): number {
    let events = 0;
    for (const byte of piece) {
      if (this.#mark !== null && this.#isMark(byte)) continue;
      const isRest = this.#afterCr && byte === LF;
      this.#afterCr = byte === CR;
      if (isRest) continue;
      if (byte === LF || byte === CR) events += this.#endLine();
      else this.#take(byte);
    }
    return events;
  }

  #isMark(byte: number): boolean {
    const at = this.#mark ?? 0;
    const isPart = byte === MARK[at];
    this.#mark = isPart && at + 1 < MARK.length ? at + 1 : null;
    return isPart;
  }

  #take(byte: number): void {
    const at = this.#at;
    if (at < DATA.length) this.#isData &&= byte === DATA[at];
    else if (at === DATA.length) this.#isData &&= byte === COLON;
    if (at <= DATA.length) this.#at += 1;
  }

  #endLine(): number {
    const isEmpty = this.#at === 0;
    const isWhole = isEmpty && this.#hasData;
    // The name alone is a field as well: one without a value.
    if (isEmpty) this.#hasData = false;
    else if (this.#isData && this.#at >= DATA.length) this.#hasData = true;
    this.#at = 0;
    this.#isData = true;
    return isWhole ? 1 : 0;
  }
}
