import type { InjectionProof, ProxyTraffic, TrafficCount } from "../measure/record.js";
import { formatBytes } from "../support/format.js";
import type { ActiveInjection } from "./active-injections.js";
import type { ProxyCounters } from "./counters.js";
import type { ProbeResult } from "./probe.js";
import type { ListedProxy } from "./toxiproxy-api.js";

/** What is known of one proxy that injections are on, at the end of a fault. */
export interface ProxyEvidence {
  readonly proxy: string;
  readonly listen: string;
  readonly upstream: string;
  readonly active: readonly ActiveInjection[];
  /** As the server lists it now; null: it does not. */
  readonly listed: ListedProxy | null;
  readonly counters: {
    readonly atBaseline: ProxyCounters | null;
    /** Just before the first injection after the baseline. */
    readonly afterBaseline: ProxyCounters | null;
    /** Just before this fault. */
    readonly before: ProxyCounters | null;
    readonly now: ProxyCounters | null;
  };
  /** A connection of ours; null where it was not tried. */
  readonly probe: ProbeResult | null;
  /** Connections of others as this machine sees them; null where that is not known or not needed. */
  readonly open: { readonly before: number | null; readonly now: number | null };
}

interface Judgement {
  readonly strength: InjectionProof["strength"];
  readonly explanation: string;
}

const STRENGTHS: readonly InjectionProof["strength"][] = ["none", "listed", "probed", "observed"];

/** Weighs the evidence: the weakest proxy decides. */
export function weigh(evidence: readonly ProxyEvidence[]): InjectionProof {
  const judged = evidence.map((each) => ({ each, ...judge(each) }));
  const weakest = Math.min(...judged.map(({ strength }) => STRENGTHS.indexOf(strength)));
  const strength = STRENGTHS[weakest] ?? "none";
  const telling = strength === "none" ? judged.filter((each) => each.strength === "none") : judged;
  return {
    strength,
    proven: strength !== "none",
    explanation:
      telling.map(({ each, explanation }) => `${each.proxy}: ${explanation}`).join("; ") || "no injection",
    proxies: evidence.map(trafficOf),
  };
}

function judge(evidence: ProxyEvidence): Judgement {
  const { active, listed } = evidence;
  if (!listed) return { strength: "none", explanation: "the server no longer has this proxy" };
  const missing = active.find(
    ({ toxicName }) => toxicName !== null && !listed.toxics.some((toxic) => toxic.name === toxicName),
  );
  if (missing)
    return { strength: "none", explanation: `the server no longer lists toxic "${missing.toxicName}"` };
  if (active.some(({ injection }) => injection.kind === "down")) return judgeDown(evidence, listed);
  if (!listed.enabled) return { strength: "none", explanation: "the proxy was disabled by somebody else" };
  return judgeToxics(evidence);
}

/** Nothing can cross a proxy that is down: what counts is that it was used until then, and refuses now. */
function judgeDown(evidence: ProxyEvidence, listed: ListedProxy): Judgement {
  if (listed.enabled)
    return { strength: "none", explanation: "the proxy was enabled again by somebody else" };
  if (evidence.probe && evidence.probe.kind !== "refused") {
    return { strength: "none", explanation: `${evidence.listen} still accepts connections` };
  }
  const baseline = countBetween(evidence.counters.atBaseline, evidence.counters.afterBaseline);
  const before = evidence.counters.before?.connections;
  if (!baseline || !before) {
    const refuses = `${evidence.listen} refuses connections`;
    return evidence.open.before
      ? {
          strength: "observed",
          explanation: `${refuses}; ${counted(evidence.open.before, "connection")} cut`,
        }
      : { strength: "probed", explanation: `${refuses}; whether anybody used it was not seen` };
  }
  const used = (baseline.connections ?? 0) > 0 || before.open > 0;
  if (!used) return { strength: "none", explanation: neverUsed(evidence) };
  const cut = `${evidence.listen} refuses connections; ${counted(before.open, "connection")} cut`;
  return {
    strength: "observed",
    explanation: `${cut}, ${counted(baseline.connections ?? 0, "connection")} in the baseline`,
  };
}

function judgeToxics(evidence: ProxyEvidence): Judgement {
  const { before, now } = evidence.counters;
  const crossed = countBetween(before, now);
  if (!crossed || !now) return judgeUncounted(evidence);
  // A real server counts bytes, and only those of connections that have closed.
  if (now.connections === null) {
    return crossed.bytes > 0
      ? { strength: "observed", explanation: `${formatBytes(crossed.bytes)} crossed` }
      : judgeUncounted(evidence);
  }
  if (crossed.bytes === 0) return { strength: "none", explanation: whyNothingCrossed(evidence, crossed) };
  const spared = evidence.active.find(
    ({ toxicName }) => toxicName !== null && now.hits?.get(toxicName) === 0,
  );
  if (spared?.injection.kind === "toxic") {
    const { toxicity, type } = spared.injection.toxic;
    return {
      strength: "none",
      explanation: `toxicity ${toxicity} spared all ${counted(crossed.connections ?? 0, "connection")} from ${type}: it is drawn for each connection, so use more connections or a higher toxicity`,
    };
  }
  return {
    strength: "observed",
    explanation: `${counted(crossed.connections ?? 0, "connection")}, ${formatBytes(crossed.bytes)} crossed`,
  };
}

function judgeUncounted({ probe, listen, open }: ProxyEvidence): Judgement {
  if (probe?.kind !== "refused" && open.now) {
    const seen = `${counted(open.now, "connection")} open to ${listen} on this machine`;
    return { strength: "observed", explanation: `${seen}; their bytes were not counted` };
  }
  const unseen = "whether traffic crossed was not counted (start Toxiproxy with -proxy-metrics to know)";
  if (probe?.kind === "effect") return { strength: "probed", explanation: `${probe.seen}; ${unseen}` };
  if (probe?.kind === "refused") return { strength: "none", explanation: `${listen} refuses connections` };
  return { strength: "listed", explanation: `the server lists the toxics; ${unseen}` };
}

function whyNothingCrossed(evidence: ProxyEvidence, crossed: TrafficCount): string {
  const { atBaseline, afterBaseline, now } = evidence.counters;
  if ((crossed.connections ?? 0) > 0) {
    const failed =
      (now?.connections?.withoutUpstream ?? 0) -
      (evidence.counters.before?.connections?.withoutUpstream ?? 0);
    if (failed > 0)
      return `${counted(failed, "connection")} could not reach the upstream ${evidence.upstream}: is it running?`;
    return `${counted(crossed.connections ?? 0, "connection")} open, but not a byte crossed while the fault was on: does the load reach what uses it?`;
  }
  const baseline = countBetween(atBaseline, afterBaseline);
  if (!baseline?.connections) return neverUsed(evidence);
  return `${counted(baseline.connections, "connection")} in the baseline, none while the fault was on: does the load still reach what uses it?`;
}

function neverUsed({ proxy, listen }: ProxyEvidence): string {
  return `the service never connected to ${listen}: is its address set from \${proxies.${proxy}.listen}?`;
}

function trafficOf({ proxy, listen, upstream, listed, counters }: ProxyEvidence): ProxyTraffic {
  return {
    proxy,
    listen,
    upstream,
    toxics: listed?.toxics.map((toxic) => toxic.name) ?? [],
    enabled: listed?.enabled ?? false,
    baseline: countBetween(counters.atBaseline, counters.afterBaseline),
    fault: countBetween(counters.before, counters.now),
  };
}

/** Connections open at the start count: a pool that was filled earlier is used all the same. */
function countBetween(start: ProxyCounters | null, end: ProxyCounters | null): TrafficCount | null {
  if (!start || !end) return null;
  const connections =
    start.connections && end.connections
      ? start.connections.open + end.connections.total - start.connections.total
      : null;
  return { connections, bytes: end.bytes - start.bytes };
}

function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
