import type { ChalkInstance } from "chalk";
import type { FaultReport, Report } from "../../analysis/document/report.js";
import type { RunRecord } from "../../measure/record.js";
import { formatClock, formatMs, formatRatio } from "../../support/format.js";
import { isLoadTest } from "../shown/run-in-words.js";
import { badOf, quantileOf, type Second, secondsOfRun, withoutUnsent } from "../shown/seconds-of-run.js";
import { trialsOf } from "../shown/shown-trials.js";
import { BARS, cut, fit } from "./layout.js";
import type { TableScreen } from "./slo-table.js";

const LABEL_WIDTH = 9;

/** "unsent": it would be known if requests that were not sent, as those of a lost worker, did not count. */
type CellLatency = number | "inf" | "unsent" | null;

/** One column of the picture: the worst of the seconds that fall into it. */
interface Cell {
  readonly p99: CellLatency;
  readonly errorShare: number | null;
}

/** Lines for p99, errors, the faults and the time axis. @returns [] when nothing was measured. */
export function renderTimeline(
  report: Report,
  record: RunRecord,
  { columns, chalk, legend }: TableScreen,
): string[] {
  const seconds = secondsOfRun(record).filter((second) => second.scheduled > 0);
  const first = seconds[0];
  const last = seconds.at(-1);
  if (!first || !last) return [];
  const width = columns - LABEL_WIDTH - 26;
  const startS = Math.min(0, first.atS);
  const spanS = Math.max(last.atS + 1 - startS, 1);
  const columnOf = (atS: number) =>
    Math.min(width - 1, Math.max(0, Math.floor(((atS - startS) / spanS) * width)));

  const cells = toCells(seconds, width, columnOf);
  const finite = cells.map((cell) => cell.p99).filter((p99) => typeof p99 === "number");
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const anyTimeout = cells.some((cell) => cell.p99 === "inf");
  const anyUnsent = cells.some((cell) => cell.p99 === "unsent");
  legend.add(anyTimeout);
  const worst = Math.max(...seconds.map((second) => badOf(second) / second.scheduled));

  const highest = anyTimeout ? "> timeout (×)" : anyUnsent ? "not sent (○)" : formatMs(high);
  const latencyNote =
    anyTimeout && anyUnsent
      ? "× > timeout, ○ not sent"
      : `${finite.length > 0 ? `${formatMs(low)} – ` : ""}${highest}`;
  const line = (label: string, body: string, note: string) =>
    `  ${chalk.dim(fit(label, LABEL_WIDTH - 2))}${body} ${chalk.dim(cut(note, 24))}`.trimEnd();
  return [
    line("p99", cells.map((cell) => latencyGlyph(cell.p99, low, high, chalk)).join(""), latencyNote),
    line(
      "errors",
      cells.map((cell) => errorGlyph(cell.errorShare, chalk)).join(""),
      `worst second ${formatRatio(worst)}`,
    ),
    line(
      isLoadTest(report) ? "time" : "faults",
      faultRuler(report, width, columnOf, chalk),
      `${formatClock(startS)} – ${formatClock(startS + spanS)}`,
    ),
  ];
}

/**
 * Each second lands in one column. With more columns than seconds, a second is stretched up to the next one, but never
 * over time that was not measured.
 */
function toCells(seconds: readonly Second[], width: number, columnOf: (atS: number) => number): Cell[] {
  const buckets: Second[][] = Array.from({ length: width }, () => []);
  for (const second of seconds) {
    const from = columnOf(second.atS);
    const to = Math.max(from, columnOf(second.atS + 1 - 1e-9));
    for (let column = from; column <= to; column += 1) buckets[column]?.push(second);
  }
  return buckets.map((inCell) => ({
    p99: worstLatency(inCell),
    errorShare:
      inCell.length > 0 ? Math.max(...inCell.map((second) => badOf(second) / second.scheduled)) : null,
  }));
}

function worstLatency(seconds: readonly Second[]): CellLatency {
  let worst: CellLatency = null;
  for (const second of seconds) {
    const p99 = quantileOf(second, "p99");
    if (p99 === "inf") {
      if (quantileOf(withoutUnsent(second), "p99") === "inf") return "inf";
      worst = "unsent";
    } else if (p99 !== null && worst !== "unsent" && (worst === null || p99 > worst)) worst = p99;
  }
  return worst;
}

function latencyGlyph(p99: Cell["p99"], low: number, high: number, chalk: ChalkInstance): string {
  if (p99 === null) return " ";
  if (p99 === "inf") return chalk.red("×");
  if (p99 === "unsent") return chalk.red("○");
  // Log scale. A run that never moved by a factor of two is drawn flat: stretched, it would show noise.
  const range = Math.log(Math.max(high / low, 2));
  const level = Math.min(7, Math.floor((Math.log(p99 / low) / range) * 8));
  return BARS[level] ?? BARS[0];
}

function errorGlyph(share: number | null, chalk: ChalkInstance): string {
  if (share === null) return " ";
  if (share === 0) return "·";
  return chalk.red(BARS[Math.min(7, Math.floor(share * 8))] ?? BARS[7]);
}

function faultRuler(
  report: Report,
  width: number,
  columnOf: (atS: number) => number,
  chalk: ChalkInstance,
): string {
  const ruler = Array.from({ length: width }, () => " ");
  for (const { fromS, toS, label } of report.faults.flatMap((fault, index) =>
    spansOf(fault, index, report),
  )) {
    const from = columnOf(fromS);
    const to = Math.max(from, columnOf(toS - 1e-9));
    for (let column = from; column <= to; column += 1) ruler[column] = "▔";
    const middle = from + Math.max(0, Math.floor((to - from + 1 - label.length) / 2));
    for (const [offset, sign] of [...label].entries()) {
      if (middle + offset < width) ruler[middle + offset] = sign;
    }
  }
  return chalk.yellow(ruler.join(""));
}

interface Span {
  readonly fromS: number;
  readonly toS: number;
  readonly label: string;
}

/** Where a fault was in place, with its number. For a search: each trial with its sign. */
function spansOf(fault: FaultReport, index: number, report: Report): Span[] {
  const { injectedAtS: fromS } = fault;
  if (fromS === null) return [];
  const trials = trialsOf(fault, report).map(({ phase, words }) => ({
    fromS: phase.startS,
    toS: phase.startS + phase.durationS,
    label: words.sign,
  }));
  return trials.length > 0
    ? trials
    : [{ fromS, toS: fault.removedAtS ?? fromS + 1, label: String(index + 1) }];
}
