/** Kept, because making one takes longer than using it a hundred times. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();

/**
 * What the clock of a time zone shows: "2026-12-20T15:04:05".
 * @throws RangeError for an unknown zone.
 */
export function localText(atMs: number, zone: string): string {
  let format = FORMATS.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    FORMATS.set(zone, format);
  }
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of format.formatToParts(atMs)) parts[type] = value;
  const { year = "", month, day, hour, minute, second } = parts;
  return `${year.padStart(4, "0")}-${month}-${day}T${hour}:${minute}:${second}`;
}

/** Minutes that the clock of a zone is ahead of UTC. */
export function offsetMinutes(atMs: number, zone: string): number {
  const wholeMs = Math.floor(atMs / 1000) * 1000;
  return Math.round((Date.parse(`${localText(wholeMs, zone)}Z`) - wholeMs) / 60_000);
}

/** 0 is Sunday. */
export function weekdayOf(local: string): number {
  return new Date(`${local.slice(0, 10)}T00:00:00Z`).getUTCDay();
}

/** Since midnight. */
export function minuteOfDay(local: string): number {
  return Number(local.slice(11, 13)) * 60 + Number(local.slice(14, 16));
}

/** By its name in the time zone database, or a link to one. */
export function isTimeZone(name: string): boolean {
  // Newer versions of Node accept offsets, too. Older versions and other engines do not.
  if (/^[+-]/.test(name)) return false;
  try {
    localText(0, name);
    return true;
  } catch {
    return false;
  }
}

/** For people: "2026-12-04 10:03 Europe/Berlin". */
export function shownTime(atMs: number, zone: string): string {
  return `${localText(atMs, zone).slice(0, 16).replace("T", " ")} ${zone}`;
}
