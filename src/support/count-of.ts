import { formatCount } from "./format.js";

/** "1 request", "2,042 requests". */
export function countOf(value: number, noun: string): string {
  return `${formatCount(value)} ${noun}${Math.round(value) === 1 ? "" : "s"}`;
}
