/** Tables of SLOs, of requests by their names, and of the trials of a search. */

import type { FaultReport, Report } from "../../analysis/document/report.js";
import { NOTHING } from "../../support/format.js";
import { markdown, markdownCode } from "../escape.js";
import type { RequestRow } from "../shown/request-rows.js";
import { trialsOf } from "../shown/shown-trials.js";
import { ALL_PHASES, BASELINE_ONLY, type SloRow } from "../shown/slo-row.js";

export function sloTable(rows: readonly SloRow[]): string[] {
  if (rows.length === 0) return [];
  // Verdicts from what was observed alone have no intervals.
  const intervals = rows.some((row) => row.interval !== NOTHING);
  const columns = rows.every(({ judged }) => judged === "baseline") ? BASELINE_ONLY : ALL_PHASES;
  return [
    `| SLO | ${columns.map(({ title }) => `${title} | `).join("")}Target | ${intervals ? "98% interval | " : ""}Verdict |`,
    `| :-- | ${columns.map(() => "--: | ").join("")}--: | ${intervals ? "--: | " : ""}:-- |`,
    ...rows.map((row) => {
      const values = columns.map(({ key }) => (key === row.judged ? `**${row[key]}**` : row[key]));
      const verdict = `${row.verdict.sign} ${row.verdict.word}`;
      const cells = [markdownCode(row.expect), ...values, row.target, ...(intervals ? [row.interval] : [])];
      return `| ${[...cells, verdict].join(" | ")} |`;
    }),
  ];
}

/** Beyond this number, request names are only counted. */
const MOST_REQUESTS = 20;

export function requestTable(rows: readonly RequestRow[]): string[] {
  if (rows.length === 0) return [];
  const change = (before: string, now: string) => (before === NOTHING ? now : `${before} → ${now}`);
  const more = rows.length - MOST_REQUESTS;
  return [
    "| Request | Due | Failed | p50 | p99 | Most often |",
    "| :-- | --: | --: | --: | --: | :-- |",
    ...rows.slice(0, MOST_REQUESTS).map(({ name, requests, failed, before, now, failedBy }) => {
      const cells = [
        markdown(name),
        requests,
        failed,
        change(before.p50, now.p50),
        change(before.p99, now.p99),
      ];
      return `| ${[...cells, markdown(failedBy)].join(" | ")} |`;
    }),
    "",
    ...(more > 0 ? [`… and ${more} more requests`, ""] : []),
  ];
}

/** @returns [] for a fault that is no search. */
export function trialTable(fault: FaultReport, report: Report): string[] {
  const trials = trialsOf(fault, report);
  if (trials.length === 0) return [];
  return [
    `| Trial | p99 | Available | ${markdownCode(fault.search?.until ?? "")} |`,
    "| --: | --: | --: | :-- |",
    ...trials.map(
      ({ strength, p99, available, words }) =>
        `| ${strength} | ${p99} | ${available} | ${words.sign} ${words.word} |`,
    ),
  ];
}
