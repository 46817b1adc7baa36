import { PhaseCompletions } from "../../analysis/measurement/phase-completions.js";
import { OUTCOMES } from "../../measure/outcome.js";
import type { PhaseRecord, RequestSeries, RunRecord } from "../../measure/record.js";
import { oneLine } from "../escape.js";
import type { FileReporter } from "../reporter.js";
import { SHOWN_QUANTILES } from "../shown/seconds-of-run.js";
import { signalColumns } from "../shown/signal-seconds.js";

const HEAD = [
  "at_s",
  "time",
  "phase",
  "kind",
  "fault",
  "request",
  "scheduled",
  ...OUTCOMES,
  ...SHOWN_QUANTILES.map((quantile) => `ok_${quantile}_ms`),
  "lag_p99_ms",
];

/**
 * buckets.csv (RFC 4180): one line for each second of due time and request name. `request` is empty in the lines for
 * all names together. Journeys and waits have lines like requests. Latencies are of `ok` answers. Empty cells were not measured. The last line has no time: it has
 * the requests that were due between phases.
 */
export const csvReporter: FileReporter = {
  name: "csv",
  fileName: "buckets.csv",
  mime: "text/csv",
  purpose: "what was measured, second by second, for spreadsheets",
  render: ({ record }) => {
    const more = moreColumns(record.phases);
    const blocks = record.phases.flatMap((phase) =>
      [phase.all, ...phase.requests, ...(phase.timed ?? [])]
        .filter((series) => series.scheduled.length > 0)
        .map((series) => linesOf(phase, series, more)),
    );
    const head = [...HEAD, ...more.map(({ name }) => name)];
    return [toLine(head), ...blocks, ...betweenPhases(record.unjudged, more), ""].join("\r\n");
  },
};

/** A column that most records do not have. */
interface Column {
  readonly name: string;
  /** Of the requests that were due between phases. Missing where nobody counts it for these. */
  between?(unjudged: RunRecord["unjudged"]): Cell;
  /** By the second of the phase. */
  cells(phase: PhaseRecord, series: RequestSeries): readonly Cell[];
}

function moreColumns(phases: readonly PhaseRecord[]): readonly Column[] {
  const degraded: Column = { name: "degraded", cells: (_, series) => series.degraded ?? [] };
  const redirects: Column = {
    name: "redirects",
    cells: (_, series) => series.redirects ?? [],
    between: (unjudged) => unjudged.redirects ?? null,
  };
  const completion: Column = {
    name: "completion_p95_ms",
    cells: (phase, { request }) => completionCells(phase, request),
  };
  return [
    // Where some request says which answers are degraded.
    ...(phases.some(({ all }) => all.degraded !== undefined) ? [degraded] : []),
    // Where the load follows redirects.
    ...(phases.some(({ all }) => all.redirects !== undefined) ? [redirects] : []),
    // Where a check has looked at a store again and again.
    ...(phases.some(({ completions = [] }) => completions.length > 0) ? [completion] : []),
    // A signal is about no request.
    ...signalColumns(phases).map(
      ({ name, cells }): Column => ({
        name,
        cells: (phase, { request }) => (request === null ? cells(phase) : []),
      }),
    ),
  ];
}

/** The time by which 95 % of a second's acknowledged requests were there, as far as looks tell. */
function completionCells({ completions = [] }: PhaseRecord, request: string | null): Cell[] {
  const found = completions.find((each) => each.request === request);
  return (found?.seconds ?? []).map((second) => {
    const p95 = new PhaseCompletions({ check: "", request: "", seconds: [second] }).quantile(0.95, "at_most");
    return p95 === "inf" ? "never" : p95;
  });
}

/** The lines of one series as one text. Objects for each second of an hour would take 20 MiB. */
function linesOf(phase: PhaseRecord, series: RequestSeries, more: readonly Column[]): string {
  const beganMs = Date.parse(phase.startedAt);
  const names = toLine([phase.id, phase.kind, phase.fault, series.request]);
  const counts = OUTCOMES.map((outcome) => series.outcomes[outcome]);
  const measured = [
    ...SHOWN_QUANTILES.map((quantile) => series.latencyMs[quantile]),
    series.lagP99Ms,
    ...more.map(({ cells }) => cells(phase, series)),
  ];
  return series.scheduled
    .map((scheduled, index) => {
      const atS = Number((phase.startS + index).toFixed(3));
      const time = new Date(beganMs + index * 1000).toISOString();
      const numbers = [scheduled, ...counts.map((column) => column[index] ?? 0)];
      return `${atS},${time},${names},${toLine([...numbers, ...measured.map((column) => column[index] ?? null)])}`;
    })
    .join("\r\n");
}

function betweenPhases(unjudged: RunRecord["unjudged"], more: readonly Column[]): string[] {
  const { scheduled, outcomes } = unjudged;
  if (scheduled === 0) return [];
  const counts = OUTCOMES.map((outcome) => outcomes[outcome]);
  const unknown = [...SHOWN_QUANTILES, "lag"].map(() => null);
  const known = more.map(({ between }) => between?.(unjudged) ?? null);
  return [
    toLine([
      null,
      null,
      "between phases",
      "unjudged",
      null,
      null,
      scheduled,
      ...counts,
      ...unknown,
      ...known,
    ]),
  ];
}

type Cell = string | number | null;

function toLine(cells: readonly Cell[]): string {
  return cells.map(toCell).join(",");
}

function toCell(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const text = oneLine(cell);
  // A spreadsheet takes a text that begins like this for a formula. A leading apostrophe keeps it text.
  const safe = /^[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
