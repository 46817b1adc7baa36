import { OUTCOMES } from "../../measure/outcome.js";
import type { RunRecord } from "../../measure/record.js";
import { oneLine } from "../escape.js";
import type { FileReporter } from "../reporter.js";
import { type Second, SHOWN_QUANTILES, secondsOfSeries } from "../shown/seconds-of-run.js";

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
 * all names together. Latencies are of `ok` answers. Empty cells were not measured. The last line has no time: it has
 * the requests that were due between phases.
 */
export const csvReporter: FileReporter = {
  name: "csv",
  fileName: "buckets.csv",
  mime: "text/csv",
  purpose: "what was measured, second by second, for spreadsheets",
  render: ({ record }) => {
    const lines = record.phases.flatMap((phase) =>
      [phase.all, ...phase.requests].flatMap((series) =>
        secondsOfSeries(phase, series).map((second, index) =>
          toLine([
            Number(second.atS.toFixed(3)),
            new Date(Date.parse(phase.startedAt) + index * 1000).toISOString(),
            phase.id,
            phase.kind,
            phase.fault,
            series.request,
            ...numbersOf(second),
          ]),
        ),
      ),
    );
    return [toLine(HEAD), ...lines, ...betweenPhases(record.unjudged), ""].join("\r\n");
  },
};

function betweenPhases({ scheduled, outcomes }: RunRecord["unjudged"]): string[] {
  if (scheduled === 0) return [];
  const unknown = [...SHOWN_QUANTILES, "lag"].map(() => null);
  const counts = OUTCOMES.map((outcome) => outcomes[outcome]);
  return [toLine([null, null, "between phases", "unjudged", null, null, scheduled, ...counts, ...unknown])];
}

function numbersOf(second: Second): (number | null)[] {
  return [
    second.scheduled,
    ...OUTCOMES.map((outcome) => second.outcomes[outcome]),
    ...SHOWN_QUANTILES.map((quantile) => second.okLatencyMs[quantile]),
    second.lagP99Ms,
  ];
}

function toLine(cells: readonly (string | number | null)[]): string {
  return cells.map(toCell).join(",");
}

function toCell(cell: string | number | null): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const text = oneLine(cell);
  // A spreadsheet takes a text that begins like this for a formula. A leading apostrophe keeps it text.
  const safe = /^[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
