import { OTHER_REASONS } from "../outcome.js";
import type { PhaseRecord, RequestSeries } from "../record.js";
import type { SignalRecord } from "../signals/signal-record.js";
import { type MaskedNames, maskRound } from "./masked-names.js";
import { maskAddress } from "./masked-texts.js";

export function maskPhase(
  phase: PhaseRecord,
  names: MaskedNames,
  mask: (text: string) => string,
): PhaseRecord {
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
