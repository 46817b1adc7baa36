import stringWidth from "string-width";
import { NOTHING } from "../../support/format.js";
import type { RequestRow } from "../shown/request-rows.js";
import { cut, fit } from "./layout.js";
import type { TableScreen } from "./slo-table.js";

const MOST_ROWS = 5;
const LEAST_NAME = 8;

/** A line for each request name: how many failed, what became of p99, and the most frequent reason. */
export function renderRequests(
  rows: readonly RequestRow[],
  { columns, chalk, legend }: TableScreen,
): string[] {
  if (rows.length === 0) return [];
  const shown = rows.slice(0, MOST_ROWS);
  legend.add(shown.some(({ p99IsBeyondTimeout }) => p99IsBeyondTimeout));
  const hasBefore = shown.some(({ before }) => before.p99 !== NOTHING);
  const hasReason = shown.some(({ failedBy }) => failedBy !== NOTHING);
  const head = [
    "request",
    "due",
    "failed",
    hasBefore ? "p99, baseline → fault" : "p99",
    hasReason ? "mostly" : "",
  ];
  const lines = [
    head,
    ...shown.map(({ name, requests, failed, before, now, failedBy }) => [
      name,
      requests,
      failed,
      hasBefore ? `${before.p99} → ${now.p99}` : now.p99,
      hasReason ? failedBy : "",
    ]),
  ];
  const widthOf = (column: number) => Math.max(...lines.map((line) => stringWidth(line[column] ?? "")));
  const numbers = [1, 2, 3].map(widthOf);
  const room = columns - 2 - numbers.reduce((sum, width) => sum + width + 2, 0) - 2;
  // The name gets its room first. The beginning of a long reason tells most.
  const name = Math.min(widthOf(0), Math.max(LEAST_NAME, room - Math.min(widthOf(4), 16)));
  const toLine = (cells: readonly string[]) => {
    const middle = numbers.map((width, index) => (cells[index + 1] ?? "").padStart(width)).join("  ");
    return `  ${fit(cells[0] ?? "", name)}  ${middle}  ${cut(cells[4] ?? "", room - name)}`.trimEnd();
  };
  const more = rows.length - shown.length;
  return [
    chalk.dim(toLine(head)),
    ...lines.slice(1).map(toLine),
    ...(more > 0 ? [chalk.dim(`  … and ${more} more`)] : []),
  ];
}
