import { formatSlo, parseSlo } from "../../slo/parse.js";
import type { Slo, SloMetric } from "../../slo/slo.js";
import type { RecordedLoad, RunEnding, RunRecord } from "../record.js";
import { maskCheck } from "./mask-check.js";
import { maskFault } from "./mask-fault.js";
import { maskPhase } from "./mask-phase.js";
import { maskPods } from "./mask-pods.js";
import { apart, type MaskedNames, maskRound } from "./masked-names.js";
import { maskUrl } from "./masked-texts.js";

/**
 * Applies `mask` to all free text of the record: names, sentences, what others said, addresses. Keys, numbers, and
 * words that programs read (kinds, units, states, ids) stay as they are. Each name has one masked form everywhere, and
 * no two names share one.
 */
export function maskRecord(record: RunRecord, mask: (text: string) => string): RunRecord {
  const faultName = apart(mask);
  const requestName = apart(mask);
  const names: MaskedNames = {
    fault: (name) => (name === null ? null : faultName(name)),
    request: (name) => (name === null ? null : requestName(name)),
  };
  const { scenario, environment, load } = record;
  const seenName = (name: string) => (load.requestNames.includes(name) ? requestName(name) : mask(name));
  const slo = (text: string) => maskSloText(text, requestName, seenName);
  const { toxiproxy } = environment;
  return {
    ...record,
    scenario: {
      ...scenario,
      name: mask(scenario.name),
      hypothesis: scenario.hypothesis === null ? null : mask(scenario.hypothesis),
    },
    environment: {
      ...environment,
      toxiproxy: {
        ...toxiproxy,
        version: mask(toxiproxy.version),
        url: toxiproxy.url === null ? null : maskUrl(toxiproxy.url, mask),
      },
    },
    slos: record.slos.map((one) => maskSlo({ ...one, text: slo(one.text) }, names, seenName)),
    load: {
      ...load,
      targetUrl: maskUrl(load.targetUrl, mask),
      requestNames: load.requestNames.map((name) => requestName(name)),
      ...maskTracing(load.tracing, mask),
      ...(load.timed
        ? { timed: load.timed.map((each) => ({ ...each, name: requestName(each.name), of: mask(each.of) })) }
        : {}),
    },
    plannedPhases: record.plannedPhases.map((phase) => ({
      ...phase,
      fault: names.fault(phase.fault),
      ...maskRound(phase.round, faultName),
    })),
    phases: record.phases.map((phase) => maskPhase(phase, names, mask)),
    faults: record.faults.map((fault) => maskFault(fault, faultName, slo, mask)),
    events: record.events.map((event) => ({ ...event, text: mask(event.text) })),
    services: record.services.map((service) => ({ ...service, outputTail: mask(service.outputTail) })),
    ...(record.checks ? { checks: record.checks.map((check) => maskCheck(check, names, mask)) } : {}),
    ...(record.workers
      ? {
          workers: record.workers.map((worker) => ({
            ...worker,
            lost: worker.lost && { ...worker.lost, reason: mask(worker.lost.reason) },
          })),
        }
      : {}),
    ...(record.pods ? { pods: maskPods(record.pods, mask) } : {}),
    ending: maskEnding(record.ending, mask),
  };
}

/** In the SLO language only the name of a request, or of a check, is free text. */
function maskSloText(
  text: string,
  requestName: (name: string) => string,
  seenName: (name: string) => string,
): string {
  const parsed = parseSlo(text);
  if (!parsed.ok) return text;
  const { request, metric } = parsed.slo;
  const masked = {
    request: request === null ? null : requestName(request),
    metric: maskMetric(metric, seenName),
  };
  const isSame = masked.request === request && masked.metric.of === metric.of;
  return isSame ? text : formatSlo({ ...parsed.slo, ...masked });
}

function maskMetric(metric: SloMetric, seenName: (name: string) => string): SloMetric {
  return typeof metric.of === "string" ? { ...metric, of: seenName(metric.of) } : metric;
}

function maskSlo(slo: Slo, names: MaskedNames, seenName: (name: string) => string): Slo {
  return {
    ...slo,
    metric: maskMetric(slo.metric, seenName),
    request: names.request(slo.request),
    fault: names.fault(slo.fault),
    exceptFaults: slo.exceptFaults.flatMap((name) => names.fault(name) ?? []),
  };
}

function maskTracing(
  tracing: RecordedLoad["tracing"],
  mask: (text: string) => string,
): Pick<RecordedLoad, "tracing"> {
  if (!tracing) return {};
  const { traceLink } = tracing;
  return { tracing: { ...tracing, traceLink: traceLink === null ? null : mask(traceLink) } };
}

function maskEnding(ending: RunEnding, mask: (text: string) => string): RunEnding {
  return ending.kind === "completed" ? ending : { ...ending, reason: mask(ending.reason) };
}
