/** Quantities as people write them. Each parser takes a text and returns null when it is not of its kind. */

export interface Duration {
  readonly ms: number;
}
export interface Rate {
  readonly perS: number;
}
/** A KB is 1,000 bytes, as in Toxiproxy. */
export interface Size {
  readonly bytes: number;
}
export interface Bandwidth {
  readonly kbPerS: number;
}
export interface Ratio {
  /** 0..1 */
  readonly ratio: number;
}
export interface Range<T> {
  readonly from: T;
  readonly to: T;
}

const NUMBER = String.raw`\d+(?:\.\d+)?`;
const DURATION = `(?:${NUMBER} ?(?:us|µs|ms|s|m|h))+`;
const SIZE = `${NUMBER} ?(?:B|KB|kB|MB|GB|KiB|MiB|GiB)`;
const BANDWIDTH = `(?:${SIZE}|${NUMBER} ?(?:kbit|Kbit|Mbit|Gbit))/s`;

/** For JSON Schema: what the parsers below accept. Values are checked further. */
export const PATTERNS = {
  duration: DURATION,
  rate: `${NUMBER} ?/ ?(?:s|min|m|h)`,
  size: SIZE,
  bandwidth: BANDWIDTH,
  percentage: `${NUMBER} ?%`,
} as const;

const MS_PER = { us: 0.001, µs: 0.001, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const BYTES_PER = {
  B: 1,
  KB: 1e3,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
} as const;
const BITS_PER = { kbit: 1e3, Kbit: 1e3, Mbit: 1e6, Gbit: 1e9 } as const;

/** A timer cannot wait longer than 2^31 ms (24.8 days). No phase needs more than this. */
export const LONGEST_DURATION = { ms: 14 * 24 * MS_PER.h, text: "336h (14 days)" } as const;

/** "300ms", "2s", "1m30s"; of any length */
export function parseDuration(text: string): Duration | null {
  if (text.length > 60 || !new RegExp(`^${DURATION}$`).test(text)) return null;
  let ms = 0;
  for (const [, number, unit] of text.matchAll(/([\d.]+) ?(us|µs|ms|s|m|h)/g)) {
    ms += Number(number) * MS_PER[unit as keyof typeof MS_PER]; // the pattern allows only these
  }
  // Microseconds are the finest that anything here can mean. This also removes binary dust (0.1 + 0.2).
  ms = Math.round(ms * 1000) / 1000;
  return Number.isFinite(ms) ? { ms } : null;
}

/** "200/s", "90/min" */
export function parseRate(text: string): Rate | null {
  const match = /^(\d+(?:\.\d+)?) ?\/ ?(s|min|m|h)$/.exec(text);
  if (!match || text.length > 40) return null;
  const seconds = { s: 1, m: 60, min: 60, h: 3600 }[match[2] as "s" | "m" | "min" | "h"]; // the pattern allows only these
  return { perS: Number(match[1]) / seconds };
}

/** "64KB", "1MiB"; whole bytes */
export function parseSize(text: string): Size | null {
  const match = new RegExp(`^(${NUMBER}) ?(\\w+)$`).exec(text);
  if (!match || text.length > 40 || !new RegExp(`^${SIZE}$`).test(text)) return null;
  const bytes = Number(match[1]) * BYTES_PER[match[2] as keyof typeof BYTES_PER]; // the pattern allows only these
  return Number.isSafeInteger(bytes) ? { bytes } : null;
}

/** "100KB/s", "1Mbit/s" */
export function parseBandwidth(text: string): Bandwidth | null {
  const match = new RegExp(`^(${NUMBER}) ?(\\w+)/s$`).exec(text);
  if (!match || text.length > 40 || !new RegExp(`^${BANDWIDTH}$`).test(text)) return null;
  const unit = match[2] as keyof typeof BYTES_PER | keyof typeof BITS_PER; // the pattern allows only these
  const bytesPerS =
    Number(match[1]) * (unit in BYTES_PER ? BYTES_PER[unit as "B"] : BITS_PER[unit as "kbit"] / 8);
  return Number.isFinite(bytesPerS) ? { kbPerS: bytesPerS / 1000 } : null;
}

/** "30%" → 0.3; at most 100% */
export function parsePercentage(text: string): Ratio | null {
  const match = /^(\d+(?:\.\d+)?) ?%$/.exec(text);
  if (!match || text.length > 40) return null;
  const ratio = Number((Number(match[1]) / 100).toPrecision(12));
  return ratio <= 1 ? { ratio } : null;
}

/** "0ms..2s": two quantities of one kind */
export function parseRange<T>(text: string, parse: (text: string) => T | null): Range<T> | null {
  const [from, to, more] = text.split("..").map((part) => parse(part.trim()));
  return from && to && more === undefined ? { from, to } : null;
}
