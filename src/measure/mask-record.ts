import { isIP } from "node:net";
import { maskAction, maskStage } from "../faults/mask-action.js";
import type { InjectionProof, TargetProof } from "../faults/proof.js";
import type { ProofNote } from "../faults/proof-note.js";
import type { LaterRound } from "../plan/fault-round.js";
import { formatSlo, parseSlo } from "../slo/parse.js";
import type { Slo, SloMetric } from "../slo/slo.js";
import { bareHost } from "../support/address.js";
import { isLoopback } from "../support/hosts.js";
import type { IdGroup, IdsRecord } from "./checks/ids-record.js";
import { OTHER_REASONS } from "./outcome.js";
import type {
  CheckRecord,
  FaultRecord,
  PhaseRecord,
  RecordedLoad,
  RequestSeries,
  RunEnding,
  RunRecord,
} from "./record.js";
import type { SignalRecord } from "./signals/signal-record.js";

/**
 * Applies `mask` to all free text of the record: names, sentences, what others said, addresses. Keys, numbers, and
 * words that programs read (kinds, units, states, ids) stay as they are. Each name has one masked form everywhere, and
 * no two names share one.
 */
export function maskRecord(record: RunRecord, mask: (text: string) => string): RunRecord {
  const faultName = apart(mask);
  const requestName = apart(mask);
  const names: Names = {
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
    ending: maskEnding(record.ending, mask),
  };
}

interface Names {
  readonly fault: (name: string | null) => string | null;
  readonly request: (name: string | null) => string | null;
}

/** Two names that differ only in a secret would become one. The second one gets a number. */
function apart(mask: (text: string) => string): (name: string) => string {
  const masked = new Map<string, string>();
  const taken = new Set<string>();
  return (name) => {
    const known = masked.get(name);
    if (known !== undefined) return known;
    const base = mask(name);
    let own = base;
    for (let number = 2; taken.has(own); number += 1) own = `${base} (${number})`;
    taken.add(own);
    masked.set(name, own);
    return own;
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

function maskSlo(slo: Slo, names: Names, seenName: (name: string) => string): Slo {
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

function maskRound(
  round: LaterRound | undefined,
  name: (text: string) => string,
): { readonly round?: LaterRound } {
  return round === undefined ? {} : { round: { ...round, of: name(round.of) } };
}

function maskPhase(phase: PhaseRecord, names: Names, mask: (text: string) => string): PhaseRecord {
  const series = (one: RequestSeries): RequestSeries => ({
    ...one,
    request: names.request(one.request),
    ...(one.reasons ? { reasons: maskReasons(one.reasons, mask) } : {}),
  });
  return {
    ...phase,
    fault: names.fault(phase.fault),
    ...maskRound(phase.round, (name) => names.fault(name) ?? name),
    requests: phase.requests.map(series),
    all: series(phase.all),
    ...(phase.timed ? { timed: phase.timed.map(series) } : {}),
    lost: phase.lost === null ? null : mask(phase.lost),
    reasons: maskReasons(phase.reasons, mask),
    ...(phase.samples
      ? {
          samples: phase.samples.map((sample) => ({
            ...sample,
            reason: mask(sample.reason),
            request: names.request(sample.request) ?? sample.request,
            body: mask(sample.body),
          })),
        }
      : {}),
    ...(phase.traces
      ? {
          traces: phase.traces.map((trace) => ({
            ...trace,
            request: names.request(trace.request) ?? trace.request,
            reason: trace.reason === null ? null : mask(trace.reason),
          })),
        }
      : {}),
    ...(phase.signals ? { signals: phase.signals.map((signal) => maskSignal(signal, mask)) } : {}),
    ...(phase.completions
      ? {
          completions: phase.completions.map((each) => ({
            ...each,
            check: mask(each.check),
            request: names.request(each.request) ?? each.request,
          })),
        }
      : {}),
    ...(phase.http
      ? {
          http: phase.http.map((each) => ({
            ...each,
            routes: each.routes.map((route) => ({ ...route, route: mask(route.route) })),
          })),
        }
      : {}),
    ...(phase.upstreams
      ? {
          upstreams: phase.upstreams.map((each) => ({
            ...each,
            listen: maskAddress(each.listen, mask),
            upstream: maskAddress(each.upstream, mask),
          })),
        }
      : {}),
  };
}

/** What its server said may hold anything. */
function maskSignal(signal: SignalRecord, mask: (text: string) => string): SignalRecord {
  return {
    ...signal,
    troubles: signal.troubles.map(({ facts, ...trouble }) => {
      const masked = Object.entries(facts).map(
        ([key, value]) => [key, typeof value === "string" ? mask(value) : value] as const,
      );
      return { ...trouble, facts: Object.fromEntries(masked) };
    }),
  };
}

/** The reasons are free texts, although they are keys. */
function maskReasons(
  reasons: Readonly<Record<string, number>>,
  mask: (text: string) => string,
): Readonly<Record<string, number>> {
  const masked: Record<string, number> = {};
  for (const [reason, count] of Object.entries(reasons)) {
    const text = reason === OTHER_REASONS ? reason : mask(reason);
    masked[text] = (masked[text] ?? 0) + count;
  }
  return masked;
}

function maskFault(
  fault: FaultRecord,
  name: (text: string) => string,
  slo: (text: string) => string,
  mask: (text: string) => string,
): FaultRecord {
  const { search } = fault;
  return {
    ...fault,
    name: name(fault.name),
    ...maskRound(fault.round, name),
    actions: fault.actions.map((action) => maskAction(action, mask)),
    ...(fault.stages ? { stages: fault.stages.map((stage) => maskStage(stage, mask)) } : {}),
    notRun: fault.notRun === null ? null : mask(fault.notRun),
    ...(fault.notRunBrief === undefined ? {} : { notRunBrief: mask(fault.notRunBrief) }),
    ...(fault.obstacle?.fault ? { obstacle: { ...fault.obstacle, fault: name(fault.obstacle.fault) } } : {}),
    proof: fault.proof === null ? null : maskProof(fault.proof, mask),
    search:
      search === null
        ? null
        : {
            ...search,
            until: slo(search.until),
            ...(search.endedEarly ? { endedEarly: mask(search.endedEarly) } : {}),
          },
  };
}

function maskProof(proof: InjectionProof, mask: (text: string) => string): InjectionProof {
  return {
    ...proof,
    explanation: mask(proof.explanation),
    ...(proof.because === undefined ? {} : { because: proof.because.map((note) => maskNote(note, mask)) }),
    targets: proof.targets.map((each) => maskTarget(each, mask)),
  };
}

function maskNote({ id, facts }: ProofNote, mask: (text: string) => string): ProofNote {
  const address = (text: string) => maskAddress(text, mask);
  // Masking leaves the form as it is.
  return { id, facts: maskTexts(facts, address) as ProofNote["facts"] };
}

function maskTarget(
  { traffic, evidence, ...each }: TargetProof,
  mask: (text: string) => string,
): TargetProof {
  const address = (text: string) => maskAddress(text, mask);
  return {
    ...each,
    ...(traffic
      ? { traffic: { ...traffic, listen: address(traffic.listen), upstream: address(traffic.upstream) } }
      : {}),
    ...(evidence === undefined ? {} : { evidence: maskTexts(evidence, address) }),
  };
}

function maskCheck(check: CheckRecord, names: Names, mask: (text: string) => string): CheckRecord {
  return {
    ...check,
    name: mask(check.name),
    asks: mask(check.asks),
    expect: mask(check.expect),
    ...(check.ids ? { ids: maskIds(check.ids, names, mask) } : {}),
    asked: check.asked.map(({ firstBroken, firstUnasked, ...asks }) => ({
      ...asks,
      fault: names.fault(asks.fault),
      ...maskRound(asks.round, (name) => names.fault(name) ?? name),
      ...(firstBroken ? { firstBroken: { ...firstBroken, reason: mask(firstBroken.reason) } } : {}),
      ...(firstUnasked
        ? {
            firstUnasked: {
              ...firstUnasked,
              reason: mask(firstUnasked.reason),
              output: mask(firstUnasked.output),
            },
          }
        : {}),
    })),
  };
}

function maskIds(ids: IdsRecord, names: Names, mask: (text: string) => string): IdsRecord {
  const group = ({ sent, examples, ...rest }: IdGroup): IdGroup => ({
    ...rest,
    sent: sent.map((each) => ({ ...each, fault: names.fault(each.fault) })),
    examples: examples.map((each) => ({ ...each, id: mask(each.id), fault: names.fault(each.fault) })),
  });
  return {
    ...ids,
    request: names.request(ids.request) ?? ids.request,
    id: mask(ids.id),
    lost: group(ids.lost),
    duplicated: group(ids.duplicated),
    unexpected: group(ids.unexpected),
    recovered: group(ids.recovered),
  };
}

/** Masks all texts in plain data. Keys stay. */
function maskTexts(value: unknown, mask: (text: string) => string): unknown {
  if (typeof value === "string") return mask(value);
  if (Array.isArray(value)) return value.map((each) => maskTexts(each, mask));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, maskTexts(each, mask)]));
}

function maskEnding(ending: RunEnding, mask: (text: string) => string): RunEnding {
  return ending.kind === "completed" ? ending : { ...ending, reason: mask(ending.reason) };
}

/** Masks a URL. The result is still a URL with the same scheme. */
function maskUrl(text: string, mask: (text: string) => string): string {
  const [, scheme = "", authority = "", rest = ""] =
    /^([a-z][a-z\d+.-]*:\/\/)?([^/?#]*)(.*)$/is.exec(text) ?? [];
  const at = authority.lastIndexOf("@") + 1;
  return scheme + mask(authority.slice(0, at)) + maskAddress(authority.slice(at), mask) + mask(rest);
}

/** Masks an address. Later code asks the record whether an address is this machine's. */
function maskAddress(address: string, mask: (text: string) => string): string {
  const host = bareHost(address.replace(/:\d*$/, ""));
  const isOwn = host === "localhost" || (isIP(host) !== 0 && isLoopback(host));
  return isOwn ? address : mask(address);
}
