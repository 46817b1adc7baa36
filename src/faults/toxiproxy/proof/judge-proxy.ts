/** How far the evidence goes for one proxy in one stage of a fault. */

import { notesOf, type ToldNote } from "../../proof-note.js";
import type { ToxicSpec } from "../../toxic.js";
import { countBetween } from "../client/counters.js";
import type { ListedProxy } from "../client/toxiproxy-listing.js";
import { emptyTally, type ToxicTally } from "../embedded/stream/toxic-tally.js";
import type { EvidenceGrade, ProxyEvidence } from "./evidence.js";
import { judgeUncounted } from "./judge-uncounted.js";
import { proofNotes } from "./proof-notes.js";
import { factsOf, hasRareEffect, stopsTraffic } from "./toxic-effect.js";
import { whyNothingCrossed, whyUnused } from "./why-unused.js";

const note = notesOf(proofNotes);

export function judgeProxy(evidence: ProxyEvidence): EvidenceGrade {
  const { proxy, parts, listed } = evidence;
  if (!listed) return none(note("proxy_gone", { proxy }));
  const missing = parts.find(
    ({ toxicName }) => toxicName !== null && !listed.toxics.some((toxic) => toxic.name === toxicName),
  );
  if (missing) return none(note("toxic_gone", { proxy, toxic: missing.toxicName ?? "" }));
  if (parts.some(({ injection }) => injection.kind === "down")) return judgeDown(evidence, listed);
  if (!listed.enabled) return none(note("disabled_by_others", { proxy }));
  return judgeToxics(evidence);
}

function none(why: ToldNote): EvidenceGrade {
  return { strength: "none", note: why };
}

/** Nothing can cross a proxy that is down. So two things count: data crossed it in the baseline, and it refuses now. */
function judgeDown(evidence: ProxyEvidence, listed: ListedProxy): EvidenceGrade {
  const { proxy, listen, probe, counters, seen } = evidence;
  if (listed.enabled) return none(note("enabled_by_others", { proxy }));
  if (probe && probe.kind !== "refused") return none(note("still_accepts", { proxy, listen }));
  const baseline = countBetween(counters.atBaseline, counters.afterBaseline);
  const before = counters.before?.connections;
  if (baseline && baseline.connections !== null && before) {
    if (baseline.bytes === 0) return none(whyUnused(evidence, baseline.connections, "in the baseline"));
    const { connections, bytes } = baseline;
    const facts = { proxy, listen, cut: before.open, connections, bytes };
    return { strength: "observed", note: note("down_after_use", facts) };
  }
  const wasUsed = [baseline?.bytes, seen.inBaseline?.bytes, seen.inBaseline?.made].some((n) => (n ?? 0) > 0);
  return wasUsed
    ? { strength: "observed", note: note("down_used", { proxy, listen, cut: seen.cut }) }
    : { strength: "probed", note: note("down_unseen", { proxy, listen }) };
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
    const toxics = idle.map(({ toxic, tally: { connections, drawn } }) => ({
      ...factsOf(toxic),
      ...{ connections, drawn },
    }));
    const isIdle = idle.every(
      ({ toxic, tally }) => hasRareEffect(toxic) && tally.drawn === tally.connections,
    );
    return { strength: "none", note: note("did_not_act", { proxy: evidence.proxy, toxics }), isIdle };
  }
  const acted = toxics.filter(({ acts }) => acts > 0);
  const told = acted.map(({ toxic, tally: { hits, connections } }) => ({
    ...factsOf(toxic),
    ...{ hits, connections },
  }));
  return {
    strength: "observed",
    note: note("acted", { proxy: evidence.proxy, toxics: told, bytes: crossed.bytes }),
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
