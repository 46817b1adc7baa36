/** Longer lines of a chunked body are no HTTP that anybody sends. */
const LONGEST_LINE = 16 * 1024;
const LF = 0x0a;

type Part = "size" | "data" | "after-data" | "trailer";

/** Finds the end of a chunked body (RFC 9112, section 7.1), trailers included. */
export class ChunkedBody {
  isOver = false;
  #part: Part = "size";
  /** Of the chunk that is being read. */
  #left = 0;
  /** What came of a line that is not whole yet. */
  #line = "";

  /**
   * Reads on from `at`.
   * @returns where it stopped: at the body's end (then `isOver`) or at that of the bytes; -1 where this is no chunked body.
   */
  read(bytes: Buffer, at: number, onPayload: (payload: Buffer) => void): number {
    let here = at;
    while (here < bytes.length) {
      if (this.#part === "data") {
        const end = Math.min(bytes.length, here + this.#left);
        onPayload(bytes.subarray(here, end));
        this.#left -= end - here;
        here = end;
        if (this.#left === 0) this.#part = "after-data";
        continue;
      }
      const lf = bytes.indexOf(LF, here);
      const end = lf < 0 ? bytes.length : lf + 1;
      this.#line += bytes.toString("latin1", here, end);
      here = end;
      if (this.#line.length > LONGEST_LINE) return -1;
      if (lf < 0) return here;
      const line = this.#line;
      this.#line = "";
      if (!line.endsWith("\r\n")) return -1;
      if (!this.#take(line.slice(0, -2))) return -1;
      if (this.isOver) return here;
    }
    return here;
  }

  /** @returns false where the line has no place here. */
  #take(line: string): boolean {
    switch (this.#part) {
      case "size": {
        const [, size] = /^([0-9A-Fa-f]{1,13})[ \t]*(?:;.*)?$/.exec(line) ?? [];
        if (size === undefined) return false;
        this.#left = Number.parseInt(size, 16);
        this.#part = this.#left === 0 ? "trailer" : "data";
        return true;
      }
      case "after-data":
        this.#part = "size";
        return line === "";
      default:
        if (line === "") this.isOver = true;
        return true;
    }
  }
}
