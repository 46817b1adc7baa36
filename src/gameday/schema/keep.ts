import { z } from "zod";

const KEEP = "a time such as 90 days or 12 months";
const FORM = /^([1-9]\d{0,3}) ?(day|week|month|year)s?$/;

/** How long something is kept. */
export const keep = z.string({ error: KEEP }).regex(FORM, { error: KEEP });

/**
 * What began before that is older than it is kept, by the calendar in UTC.
 * @returns null when the text is no value of `keep`.
 */
export function keptSince(text: string, now: Date): Date | null {
  const [, number, unit] = FORM.exec(text) ?? [];
  if (number === undefined) return null;
  const count = Number(number);
  const since = new Date(now);
  if (unit === "day" || unit === "week")
    since.setUTCDate(since.getUTCDate() - count * (unit === "week" ? 7 : 1));
  else {
    const day = since.getUTCDate();
    since.setUTCMonth(since.getUTCMonth() - count * (unit === "year" ? 12 : 1));
    // A month before the 31st of March is the last of February, and not the 3rd of March.
    if (since.getUTCDate() !== day) since.setUTCDate(0);
  }
  return since;
}
