/** So much of a line is looked at. */
const LONGEST_LINE = 4_096;

/** Looks for a line of a program's output, as the output comes. */
export class LogLine {
  readonly #pattern: RegExp;
  /** Of each stream the line that is not over. */
  readonly #unfinished = new Map<string, string>();
  #isFound = false;

  constructor(pattern: string) {
    this.#pattern = new RegExp(pattern);
  }

  get isFound(): boolean {
    return this.#isFound;
  }

  add(stream: string, text: string): void {
    if (this.#isFound) return;
    const lines = `${this.#unfinished.get(stream) ?? ""}${text}`.split(/\r?\n/);
    const unfinished = lines.pop() ?? "";
    this.#unfinished.set(stream, unfinished.slice(0, LONGEST_LINE));
    this.#isFound = lines.some((line) => this.#pattern.test(line.slice(0, LONGEST_LINE)));
  }
}
