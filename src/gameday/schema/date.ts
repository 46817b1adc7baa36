import { z } from "zod";

const DATE = "a date such as 2026-12-31";
const DAY_MS = 24 * 3_600_000;

/** A day, as it is written. */
export const date = () =>
  z
    .string({ error: DATE })
    .regex(/^\d{4}-\d{2}-\d{2}$/, { error: DATE, abort: true })
    .refine(isDay, { error: `${DATE}; there is no such day` });

function isDay(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`);
  // The 31st of a month of 30 days is no error to Date, but another day.
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(text);
}

/** Whether the whole day is over, in UTC. */
export function isPast(day: string, nowMs: number): boolean {
  return Date.parse(`${day}T00:00:00Z`) + DAY_MS <= nowMs;
}
