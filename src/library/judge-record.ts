import { analyse as judge } from "../analysis/analyse.js";
import type { Report } from "../analysis/document/report.js";
import { slosForRecord } from "../analysis/slo/slos-for-record.js";
import type { RunRecord } from "../measure/record.js";

export interface AnalyseRecordOptions {
  /** SLOs to judge by in place of the record's own: `["p99 < 300ms"]`. */
  readonly slos?: readonly string[];
  readonly evidence?: "interval" | "observed";
}

/**
 * Judges a record again, with its own SLOs or with others. Pure: no file, no clock; the same record gives the same
 * report.
 * @throws FaultlineError SLO_INVALID; SLO_NOT_RECORDED: latency limits are counted during a run, and this one was not.
 */
export function analyse(record: RunRecord, { slos, evidence }: AnalyseRecordOptions = {}): Report {
  return judge(record, {
    evidence,
    ...(slos ? { slos: slosForRecord(slos, record) } : {}),
  });
}
