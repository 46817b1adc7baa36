/** How far the evidence goes for one proxy in one stage of a fault. */

import { countOf } from "../../../support/count-of.js";
import { formatBytes, formatCount } from "../../../support/format.js";
import type { ToxicSpec } from "../../toxic.js";
import { countBetween } from "../client/counters.js";
import type { ListedProxy } from "../client/toxiproxy-listing.js";
import { emptyTally, type ToxicTally } from "../embedded/stream/toxic-tally.js";
import type { EvidenceGrade, ProxyEvidence } from "./evidence.js";
import { judgeUncounted } from "./judge-uncounted.js";
import { hasRareEffect, nameOf, stopsTraffic, whyItDidNotAct } from "./toxic-effect.js";
import { whyNothingCrossed, whyUnused } from "./why-unused.js";

export function judgeProxy(evidence: ProxyEvidence): EvidenceGrade {
  const { parts, listed } = evidence;
  if (!listed) return none("the server no longer has this proxy");
  const missing = parts.find(
    ({ toxicName }) => toxicName !== null && !listed.toxics.some((toxic) => toxic.name === toxicName),
  );
  if (missing) return none(`the server no longer lists toxic "${missing.toxicName}"`);
  if (parts.some(({ injection }) => injection.kind === "down")) return judgeDown(evidence, listed);
  if (!listed.enabled) return none("the proxy was disabled by somebody else");
  return judgeToxics(evidence);
}

function none(explanation: string): EvidenceGrade {
  return { strength: "none", explanation };
}

/** Nothing can cross a proxy that is down. So two things count: data crossed it in the baseline, and it refuses now. */
function judgeDown(evidence: ProxyEvidence, listed: ListedProxy): EvidenceGrade {
  const { listen, probe, counters, seen } = evidence;
  if (listed.enabled) return none("the proxy was enabled again by somebody else");
  if (probe && probe.kind !== "refused") return none(`${listen} still accepts connections`);
  const refuses = `${listen} refuses connections`;
  const baseline = countBetween(counters.atBaseline, counters.afterBaseline);
  const before = counters.before?.connections;
  if (baseline && baseline.connections !== null && before) {
    if (baseline.bytes === 0) return none(whyUnused(evidence, baseline.connections, "in the baseline"));
    const used = `${countOf(baseline.connections, "connection")} and ${formatBytes(baseline.bytes)} in the baseline`;
    return {
      strength: "observed",
      explanation: `${refuses}; ${countOf(before.open, "connection")} cut, ${used}`,
    };
  }
  const wasUsed = [baseline?.bytes, seen.inBaseline?.bytes, seen.inBaseline?.made].some((n) => (n ?? 0) > 0);
  const cut = seen.cut === null ? "" : `, ${countOf(seen.cut, "connection")} cut`;
  return wasUsed
    ? { strength: "observed", explanation: `${refuses}; used in the baseline${cut}` }
    : { strength: "probed", explanation: `${refuses}; whether anybody used it was not seen` };
}

function judgeToxics(evidence: ProxyEvidence): EvidenceGrade {
  const { before, now } = evidence.counters;
  const crossed = countBetween(before, now);
  if (!crossed || !now?.toxics) return judgeUncounted(evidence, crossed);
  if (crossed.bytes === 0) return none(whyNothingCrossed(evidence, crossed));
  const toxics = actsOf(evidence, now.toxics);
  const idle = toxics.filter((each) => each.acts === 0 && !isBehindAStop(each, toxics));
  const [first] = idle;
  if (first) {
    const explanation = idle.map(({ toxic, tally }) => whyItDidNotAct(toxic, tally)).join(", and ");
    const isIdle = idle.every(
      ({ toxic, tally }) => hasRareEffect(toxic) && tally.drawn === tally.connections,
    );
    return { strength: "none", explanation, isIdle };
  }
  const acted = toxics.filter(({ acts }) => acts > 0);
  const words = acted.map(
    ({ toxic, tally }, i) =>
      `${nameOf(toxic)} ${i === 0 ? "acted " : ""}on ${formatCount(tally.hits)} of ${i === 0 ? countOf(tally.connections, "connection") : formatCount(tally.connections)}`,
  );
  return {
    strength: "observed",
    explanation: `${words.join(", ")}; ${formatBytes(crossed.bytes)} crossed`,
    acted: acted.map(({ tally }) => ({ connections: tally.hits, of: tally.connections })),
  };
}

interface ToxicActs {
  readonly toxic: ToxicSpec;
  readonly tally: ToxicTally;
  /** In this stage. */
  readonly acts: number;
}

function actsOf({ parts }: ProxyEvidence, tallies: ReadonlyMap<string, ToxicTally>): ToxicActs[] {
  return parts.flatMap(({ injection, toxicName, actsBefore }) => {
    if (injection.kind !== "toxic" || toxicName === null) return [];
    const tally = tallies.get(toxicName) ?? emptyTally();
    return [{ toxic: injection.toxic, tally, acts: tally.acts - actsBefore }];
  });
}

/** A toxic that would act on any data, if another part of the fault had not stopped all data. */
function isBehindAStop({ toxic, tally }: ToxicActs, all: readonly ToxicActs[]): boolean {
  if (hasRareEffect(toxic) || tally.drawn === 0) return false;
  return all.some((other) => other.acts > 0 && stopsTraffic(other.toxic));
}
