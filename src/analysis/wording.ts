/** How values read inside sentences. Three significant digits; percentages keep two of their distance to 0 or 100 %. */

import type { SloUnit } from "../scenario/slo.js";
import type { Latency } from "./model.js";

function significant(value: number, digits: number, maxDecimals: number): string {
  if (value === 0) return "0";
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  const text = value.toFixed(Math.min(maxDecimals, Math.max(0, digits - 1 - magnitude)));
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** 12345 → "12,345". */
export function countText(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** Requests that are needed, rounded up to three digits where they are many: 20,598 → "20,600". */
export function neededText(requests: number): string {
  const step = requests < 10_000 ? 1 : 10 ** (Math.floor(Math.log10(requests)) - 2);
  return countText(Math.ceil(requests / step) * step);
}

/** "1 request", "2,042 requests". */
export function countOf(value: number, noun: string): string {
  return `${countText(value)} ${noun}${Math.round(value) === 1 ? "" : "s"}`;
}

/** 0.99975 → "99.975%". */
export function shareText(share: number): string {
  const percent = share * 100;
  const distance = Math.min(Math.abs(percent), Math.abs(100 - percent));
  if (distance < 1e-9) return `${Math.round(percent)}%`;
  if (distance < 0.0001) return percent < 50 ? "<0.0001%" : ">99.9999%";
  const decimals = Math.min(4, Math.max(1, 1 - Math.floor(Math.log10(distance))));
  return `${percent.toFixed(decimals).replace(/\.?0+$/, "")}%`;
}

/** "0.42 ms", "812 ms", "1.85 s". */
export function msText(ms: number): string {
  return Number(significant(ms, 3, 3)) < 1000 ? `${significant(ms, 3, 3)} ms` : secondsText(ms / 1000);
}

/** "0.8 s", "61.2 s". */
export function secondsText(seconds: number): string {
  return `${significant(seconds, 3, 3)} s`;
}

/** "199.9/s", "20,000/s". */
export function rateText(perS: number): string {
  return perS >= 1000 ? `${countText(perS)}/s` : `${significant(perS, 4, 2)}/s`;
}

/** "169x", "3.4x", "1.07x". */
export function factorText(factor: number): string {
  return `${factor >= 1000 ? countText(factor) : significant(factor, factor < 2 || factor >= 10 ? 3 : 2, 2)}x`;
}

export function valueText(value: Latency, unit: SloUnit): string {
  if (value === null) return "nothing";
  if (value === "inf") return "more than the timeout";
  return { ratio: shareText, ms: msText, per_s: rateText, s: secondsText }[unit](value);
}
