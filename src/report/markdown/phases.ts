/** Phases in numbers, and the traces of some of their requests: folded, for who looks closer. */

import type { Report } from "../../analysis/document/report.js";
import { formatClock, formatCount, formatRate, formatValue } from "../../support/format.js";
import { markdown, markdownCode } from "../escape.js";
import { degradedCells, tellsDegraded } from "../shown/degraded-cells.js";
import { FAILURE_HEAD, failureCells, tellsFailureTimes } from "../shown/failure-times.js";
import { redirectsCell, tellsRedirects } from "../shown/redirects.js";
import { timedRows } from "../shown/timed-rows.js";
import { traceRows } from "../shown/trace-rows.js";

export function phasesInMarkdown(report: Report): string {
  if (report.phases.length === 0) return "";
  return [
    "<details><summary>Phases in numbers</summary>",
    "",
    `| Phase | From | Requests | Available | Good | p50 | p99 | max |${tellsDegraded(report) ? " Degraded | p99 of these |" : ""}${tellsRedirects(report) ? " Redirects |" : ""}${tellsFailureTimes(report) ? ` ${FAILURE_HEAD.join(" | ")} |` : ""}`,
    `| :-- | --: | --: | --: | --: | --: | --: | --: |${tellsDegraded(report) ? " --: | --: |" : ""}${tellsRedirects(report) ? " --: |" : ""}${tellsFailureTimes(report) ? " --: | --: |" : ""}`,
    ...report.phases.map((phase) => {
      const name = phase.fault === null ? phase.kind : `${phase.kind}: ${markdown(phase.fault)}`;
      const cells = [
        name,
        formatClock(phase.startS),
        formatCount(phase.requests.scheduled),
        formatValue(phase.availability, "ratio"),
        formatRate(phase.throughputPerS),
        formatValue(phase.latencyMs.p50, "ms"),
        formatValue(phase.latencyMs.p99, "ms"),
        formatValue(phase.latencyMs.max, "ms"),
        ...(tellsDegraded(report) ? degradedCells(phase) : []),
        ...(tellsRedirects(report) ? [redirectsCell(phase)] : []),
        ...(tellsFailureTimes(report) ? failureCells(phase) : []),
      ];
      return `| ${cells.join(" | ")} |`;
    }),
    "",
    ...renderTimed(report),
    "</details>",
    "",
  ].join("\n");
}

/** @returns [] when no trace is known. */
export function tracesInMarkdown(report: Report): readonly string[] {
  const rows = traceRows(report);
  if (rows.length === 0) return [];
  const lines = [
    "<details><summary>Traces of failed and slow requests</summary>",
    "",
    "| Phase | Due at | Request | What became of it | Trace |",
    "| :-- | --: | :-- | :-- | :-- |",
    ...rows.map(({ phase, at, request, what, traceId, link }) => {
      const id = markdownCode(traceId);
      // No character of a URL ends the cell or the angle brackets.
      const trace = link === null ? id : `[${id}](<${link.replace(/[|<>]/g, encodeURIComponent)}>)`;
      return `| ${[markdown(phase), at, markdown(request), markdown(what), trace].join(" | ")} |`;
    }),
    "",
    "</details>",
    "",
  ];
  return [lines.join("\n")];
}

function renderTimed(report: Report): string[] {
  const rows = timedRows(report);
  if (rows.length === 0) return [];
  return [
    "| Journey or wait | Ended | Good | p50 | p95 | p99 | max |",
    "| :-- | --: | --: | --: | --: | --: | --: |",
    ...rows.map(({ phase, label, timed }) => {
      const name = `${phase.fault === null ? phase.kind : `${phase.kind}: ${phase.fault}`} · ${label}`;
      const cells = [
        markdown(name),
        formatCount(timed.requests.scheduled),
        formatValue(timed.availability, "ratio"),
        ...(["p50", "p95", "p99", "max"] as const).map((quantile) =>
          formatValue(timed.latencyMs[quantile], "ms"),
        ),
      ];
      return `| ${cells.join(" | ")} |`;
    }),
    "",
  ];
}
