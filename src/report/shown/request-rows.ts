import type { FaultReport, PhaseReport, Report, Verdict } from "../../analysis/document/report.js";
import { topReason } from "../../measure/outcome.js";
import { formatCount, formatRatio, formatValue, NOTHING } from "../../support/format.js";
import { timedLabel } from "./timed-rows.js";

/** One request name in the baseline and in a fault, as text. */
export interface RequestRow {
  readonly name: string;
  /** Requests that were due in the fault (without a fault: in the baseline). */
  readonly requests: string;
  /** The share of them that failed. */
  readonly failed: string;
  readonly failedShare: number;
  /** NOTHING when the row is of no fault. */
  readonly before: { readonly p50: string; readonly p99: string };
  readonly now: { readonly p50: string; readonly p99: string };
  /** One of the two reads "> timeout". */
  readonly p99IsBeyondTimeout: boolean;
  /** The most frequent reason for failures. */
  readonly failedBy: string;
}

type OneRequest = PhaseReport["perRequest"][number];

/**
 * Each request name of a fault, or (null) of the baseline, and the journeys and waits there. Names that failed most come first. @returns [] when there is
 * only one name, for a search, and for a fault that was not run.
 */
export function requestRows(report: Report, fault: FaultReport | null): RequestRow[] {
  const { phases } = report;
  if (fault?.search) return [];
  const baseline = phases.find(({ kind }) => kind === "baseline");
  const judged =
    fault === null
      ? baseline
      : phases.find(({ kind, fault: name }) => kind === "fault" && name === fault.name);
  const rows = judged === undefined ? [] : [...judged.perRequest, ...(judged.timed ?? [])];
  if (rows.length < 2) return [];
  return rows
    .sort((a, b) => failedShare(b) - failedShare(a))
    .map((request) => {
      const all = [...(baseline?.perRequest ?? []), ...(baseline?.timed ?? [])];
      const before = fault === null ? undefined : all.find(({ name }) => name === request.name);
      return {
        name: timedLabel(report, request.name),
        requests: formatCount(request.requests.scheduled),
        failed: formatRatio(failedShare(request)),
        failedShare: failedShare(request),
        before: latencies(before),
        now: latencies(request),
        p99IsBeyondTimeout: [before, request].some((one) => one?.latencyMs.p99 === "inf"),
        failedBy: topReason(request.reasons ?? {}) ?? NOTHING,
      };
    });
}

/** Failed shares that differ by less than this part of the greater one are alike. */
const ALIKE = 0.25;

/** For little room: rows only for what did not hold, only where requests failed, and not where all failed alike. */
export function tellingRequestRows(report: Report, fault: FaultReport | null): RequestRow[] {
  const verdict: Verdict = fault === null ? report.baseline.verdict : fault.verdict;
  if (verdict !== "fail" && verdict !== "inconclusive") return [];
  const rows = requestRows(report, fault);
  const [most, least] = [rows[0], rows.at(-1)];
  if (!most || !least || most.failedShare === 0) return [];
  const alike = least.failedShare >= (1 - ALIKE) * most.failedShare;
  return alike && rows.every(({ failedBy }) => failedBy === most.failedBy) ? [] : rows;
}

function failedShare({ availability }: OneRequest): number {
  return availability === null ? 0 : 1 - availability;
}

function latencies(request: OneRequest | undefined): RequestRow["now"] {
  const { p50, p99 } = request?.latencyMs ?? { p50: null, p99: null };
  return { p50: formatValue(p50, "ms"), p99: formatValue(p99, "ms") };
}
