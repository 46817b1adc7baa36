/** Other SLOs for a saved record: "faultline report record.json --slo 'p99 < 400ms'". */

import type { RunRecord } from "../../measure/record.js";
import { scenarioName } from "../../plan/fault-round.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { Crossing } from "../../slo/observations.js";
import { parseSlo } from "../../slo/parse.js";
import type { Slo } from "../../slo/slo.js";
import { FaultlineError } from "../../support/errors.js";
import { formatMs } from "../../support/format.js";
import { PhaseView } from "../measurement/phase-view.js";
import { NOUN_OF_CROSSING } from "../wording/wording.js";
import { badSeries } from "./bad-requests.js";
import { baselineSlos, faultSlos, isTiming } from "./scope.js";
import { limitOf } from "./slo-budget.js";
import { resolveAgainstBaseline } from "./targets.js";

/**
 * @throws SLO_INVALID for a text that is no SLO, that names an unknown request, or that asks for a quantile of which
 *   the record has too few requests.
 * @throws SLO_NOT_RECORDED for a latency limit that was not counted.
 */
export function slosForRecord(texts: readonly string[], record: RunRecord): Slo[] {
  const slos = texts.map((text) => parse(text, record));
  const baseline = record.phases.find(({ kind }) => kind === "baseline") ?? null;
  const resolved = resolveAgainstBaseline(slos, baseline);
  for (const phase of record.phases) {
    const view = new PhaseView(phase);
    for (const slo of judgedIn(resolved, view)) {
      checkSupported(slo, view);
      checkCounted(slo, view);
    }
  }
  return slos;
}

function parse(text: string, record: RunRecord): Slo {
  const watched = record.phases.flatMap(({ completions = [] }) => completions);
  const { requestNames, timed = [] } = record.load;
  const parsed = parseSlo(text, { requestNames, timed, idChecks: watched });
  if (parsed.ok) return parsed.slo;
  const { message, offset, suggestion } = parsed.error;
  const guess = suggestion === null ? "" : `; did you mean "${suggestion}"?`;
  throw new FaultlineError("SLO_INVALID", `"${text}", column ${offset + 1}: ${message}${guess}`);
}

function judgedIn(slos: readonly Slo[], { record: { kind, fault, round } }: PhaseView): Slo[] {
  if (kind === "baseline") return baselineSlos(slos).filter(({ target }) => target.kind === "absolute");
  if (fault === null || kind === "warmup") return [];
  return faultSlos(slos, scenarioName(fault, round)).filter(
    (slo) => !isTiming(slo) && (kind === "fault" || kind === "recovery"),
  );
}

function checkSupported(slo: Slo, view: PhaseView): void {
  const { scheduled } = view.counts(slo.request);
  const { leastRequests: least, among } = metricOf(slo.metric);
  // How many fail is for the verdict to say.
  if (among === "failed") return;
  if (scheduled === 0 || scheduled >= least) return;
  throw new FaultlineError(
    "SLO_INVALID",
    `"${slo.text}": phase ${view.record.id} has ${scheduled} requests, and ${metricOf(slo.metric).name} needs at least ${least}`,
  );
}

function checkCounted(slo: Slo, view: PhaseView): void {
  const { crossing, signal } = metricOf(slo.metric);
  if (signal !== null && view.signal(signal.name) === null) {
    const known = (view.record.signals ?? []).map((read) => read.signal);
    const list = known.length === 0 ? "none was" : `known are ${known.join(", ")}`;
    throw new FaultlineError(
      "SLO_NOT_RECORDED",
      `"${slo.text}": a signal "${signal.name}" was not read in phase ${view.record.id} (${list})`,
    );
  }
  if (crossing !== null && view.crossed(crossing.proxy, crossing.counts) === null) {
    throw new FaultlineError(
      "SLO_NOT_RECORDED",
      `"${slo.text}": ${NOUN_OF_CROSSING[crossing.counts]} to a proxy "${crossing.proxy}" were not counted in phase ${view.record.id} (${countedProxies(view, crossing.counts)})`,
    );
  }
  const { bad } = metricOf(slo.metric);
  if (bad !== null && bad.of(view, slo) === null) {
    const what = metricOf(slo.metric).among === "failed" ? "failures" : "answers";
    const message = `"${slo.text}": which ${what} ${bad.words(slo)} was not counted in phase ${view.record.id}`;
    throw new FaultlineError("SLO_NOT_RECORDED", message);
  }
  const limitUs = limitOf(slo);
  if (limitUs === null || badSeries(slo, view) !== null) return;
  const series = view.series(slo.request);
  const counted = (series?.slow ?? []).map((each) => formatMs(each.limitUs / 1000));
  const known = counted.length === 0 ? "none was" : `counted were ${counted.join(", ")}`;
  throw new FaultlineError(
    "SLO_NOT_RECORDED",
    `"${slo.text}": how many requests took longer than ${formatMs(limitUs / 1000)} was not counted in phase ${view.record.id} (${known})`,
  );
}

function countedProxies({ record }: PhaseView, counts: Crossing): string {
  const { http = [], accepted = [] } = record;
  const names = [...http, ...(counts === "opened" ? accepted : [])].map(({ proxy }) => proxy);
  return names.length === 0 ? "none were" : `known are those to ${[...new Set(names)].join(", ")}`;
}
