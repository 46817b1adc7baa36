/**
 * A margin like that of most clients: a request needs time to get there, and clocks, timers and busy machines are late.
 */
const MARGIN_MS = 1_000;

/**
 * How long a connection may be idle and still be used, in ms, where an answer says when the other side will close it
 * (`Keep-Alive: timeout=5`). It is a second less than that, but at least half of it, so that a busy connection is kept
 * in any case.
 * @param headers names and values in turn.
 * @returns Infinity when the answer does not say.
 */
export function reusableForMs(headers: readonly string[]): number {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!;
    if (name.length !== "keep-alive".length || name.toLowerCase() !== "keep-alive") continue;
    const [, seconds] = /(?:^|[,;\s])timeout\s*=\s*"?(\d+)/i.exec(headers[i + 1] ?? "") ?? [];
    if (seconds === undefined) continue;
    const announcedMs = Number(seconds) * 1000;
    return Math.max(announcedMs - MARGIN_MS, announcedMs / 2);
  }
  return Number.POSITIVE_INFINITY;
}
