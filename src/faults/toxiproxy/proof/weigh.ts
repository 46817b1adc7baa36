import { describeActions } from "../../describe.js";
import { type InjectionProof, proxyTarget, type TargetProof } from "../../proof.js";
import { saidBy, type ToldNote } from "../../proof-note.js";
import { countBetween } from "../client/counters.js";
import type { EvidenceGrade, ProxyEvidence, StageEvidence } from "./evidence.js";
import { judgeProxy } from "./judge-proxy.js";

interface JudgedStage {
  readonly what: string;
  readonly proxies: readonly EvidenceGrade[];
}

const STRENGTHS: readonly InjectionProof["strength"][] = ["none", "listed", "probed", "observed"];

/** Weighs the evidence: the weakest proxy of the weakest stage decides. */
export function weigh(stages: readonly StageEvidence[]): InjectionProof {
  const judged = stages.map(
    ({ injections, proxies }): JudgedStage => ({
      what: describeActions(injections.map(({ action }) => action)),
      proxies: proxies.map(judgeProxy),
    }),
  );
  const all = judged.flatMap(({ proxies }) => proxies);
  const strength = STRENGTHS[Math.min(...all.map((each) => STRENGTHS.indexOf(each.strength)))] ?? "none";
  const missing = all.filter((each) => each.strength === "none");
  return {
    strength,
    proven: strength !== "none",
    ...said(judged, strength),
    acted: leastShare(all),
    isIdle: missing.length > 0 && missing.every(({ isIdle }) => isIdle === true),
    targets: targetsOf(stages.flatMap(({ proxies }) => proxies)),
  };
}

/** The parts that decided when nothing was shown, else all parts. Stages are told apart by what was done in each. */
function said(stages: readonly JudgedStage[], strength: InjectionProof["strength"]) {
  const telling = stages.flatMap(({ what, proxies }) => {
    const shown = strength === "none" ? proxies.filter((each) => each.strength === "none") : proxies;
    const notes = shown.map(({ note }) => note);
    return stages.length > 1 ? inStage(what, notes) : notes;
  });
  return telling.length === 0 ? { explanation: "no injection" } : saidBy(telling);
}

/** The first of a stage begins with what was done in it. */
function inStage(stage: string, notes: readonly ToldNote[]): readonly ToldNote[] {
  return notes.map(({ id, facts, text }, at) => ({
    ...{ id, facts: { ...facts, stage } },
    text: at === 0 ? `in the stage "${stage}", ${text}` : text,
  }));
}

function leastShare(judged: readonly EvidenceGrade[]): InjectionProof["acted"] {
  const shares = judged.flatMap(({ acted }) => acted ?? []);
  const [least] = shares.toSorted((a, b) => a.connections / a.of - b.connections / b.of);
  return least ?? null;
}

/** One entry for each proxy, over all stages that it was in. */
function targetsOf(evidence: readonly ProxyEvidence[]): TargetProof[] {
  const last = new Map(evidence.map((each) => [each.proxy, each]));
  return [...last.values()].map(({ proxy, listen, upstream, listed, counters }) => {
    const ofProxy = evidence.filter((each) => each.proxy === proxy);
    const toxics = ofProxy.flatMap((each) => each.listed?.toxics.map(({ name }) => name) ?? []);
    return proxyTarget({
      proxy,
      toxics: [...new Set(toxics)],
      isEnabled: listed?.enabled ?? false,
      traffic: {
        listen,
        upstream,
        baseline: countBetween(counters.atBaseline, counters.afterBaseline),
        fault: countBetween(counters.beforeFault, counters.now),
        ...(counters.now?.protocols.length ? { protocols: counters.now.protocols } : {}),
      },
    });
  });
}
