/** Finds the line of a program's output that says why it died. */

const LONGEST_QUOTE = 120;

/** The beginning of an uncaught error, at the start of its line, in common languages. */
const UNCAUGHT =
  /^(?:uncaught |caused by: |exception in thread .*?|unhandled \w+: )?\[?[\w$.:]*(?:error|exception|rejection)\b(?: ?\[\w+\])?(?::|$)|^(?:panic|fatal error|fatal|terminate called|thread '.*' panicked)\b/i;
/** Words in a log line, or of the system, which say that something ended the program. */
const FATAL =
  /\b(?:fatal|panic|emerg|segmentation fault|core dumped|out of memory|assertion\b.*\bfailed|abort(?:ed|ing)?|killed)\b/i;
/** Words for anything that went wrong. */
const WRONG = /\b(?:\w*error|\w*exception|failed|failure|cannot|can't|could not|unable to|refused)\b/i;

/** Frames, code and marks of a stack trace. Code is what a compiler points at: carets stand under it. */
const FRAME = /^(?:at |File "|throw |\.{3} \d+ more|[\^~]+$)/;
const CARETS = /^[\^~]+$/;

/**
 * The line to quote. The last of equal lines, because it was printed last before the end.
 * @returns null when no line names an error. Then the last line, whatever it says, is harmless.
 */
export function crashLine(output: string): string | null {
  const lines = output.split("\n");
  let best: { readonly rank: number; readonly text: string } | null = null;
  for (const [index, raw] of lines.entries()) {
    const text = messageIn(raw.trim());
    if (text === "" || FRAME.test(text) || isCode(lines, index)) continue;
    // Lines that belong to an error (its cause, its fields) are indented below it.
    const isHead = /^\S/.test(raw);
    const rank = isHead && UNCAUGHT.test(text) ? 3 : FATAL.test(text) ? 2 : WRONG.test(text) ? 1 : 0;
    if (rank > 0 && rank >= (best?.rank ?? 0)) best = { rank, text };
  }
  if (best === null) return null;
  return best.text.length > LONGEST_QUOTE ? `${best.text.slice(0, LONGEST_QUOTE - 1)}…` : best.text;
}

/** Whether a line is code: it has carets below it, or a Python frame shows it. */
function isCode(lines: readonly string[], index: number): boolean {
  const [before, after] = [lines[index - 1] ?? "", lines[index + 1] ?? ""];
  return CARETS.test(after.trim()) || /^\s+File ".*", line \d+/.test(before);
}

/** The message of a log line in JSON. */
function messageIn(line: string): string {
  if (!line.startsWith("{")) return line;
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed !== "object" || parsed === null) return line;
    const { msg, message, level } = parsed as { msg?: unknown; message?: unknown; level?: unknown };
    const said = [msg, message].find((value) => typeof value === "string");
    // A level is a word, or a number as in pino: 50 is an error, 60 is fatal.
    const word = level === 60 ? "fatal" : level === 50 ? "error" : typeof level === "string" ? level : "";
    return said === undefined ? line : [word, said].filter(Boolean).join(": ");
  } catch {
    return line;
  }
}
