import type { IdLook } from "../../checks/ids/id-looks.js";
import type { LooksRecord } from "../../measure/checks/looks-record.js";

export function looksRecordOf(looks: readonly IdLook[], everyMs: number): LooksRecord {
  const took = looks.map(({ fromMs, toMs }) => toMs - fromMs);
  const read = looks.filter(({ problem }) => problem === null);
  const apart = read.slice(1).map(({ fromMs }, at) => fromMs - (read[at]?.fromMs ?? 0));
  return {
    everyS: everyMs / 1000,
    count: looks.length,
    failed: looks.length - read.length,
    widestS: greatest(apart) / 1000,
    longestS: greatest(took) / 1000,
    totalS: took.reduce((sum, ms) => sum + ms, 0) / 1000,
  };
}

function greatest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
