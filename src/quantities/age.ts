import { parseDuration } from "./units.js";

const DAY_MS = 24 * 3_600_000;
const DAYS = { d: 1, w: 7 } as const;

/** How old something may be: "30d", "2w", or a duration such as 12h. @returns null when it is neither, or 0. */
export function parseAgeMs(text: string): number | null {
  const match = /^(\d{1,6}(?:\.\d+)?) ?(d|w)$/.exec(text.trim());
  const ms = match
    ? Number(match[1]) * DAYS[match[2] as keyof typeof DAYS] * DAY_MS // the pattern allows only these
    : (parseDuration(text.trim())?.ms ?? 0);
  return ms > 0 ? ms : null;
}

/** "3 days", "5 h", "12 min", "now". */
export function formatAge(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h`;
  return `${Math.floor(hours / 24)} days`;
}
