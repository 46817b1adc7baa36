/** One run against an earlier one of the same scenario: worse, better, same, or cannot tell, for each SLO. Pure. */

import { parseSlo } from "../../slo/parse.js";
import { EXIT } from "../../support/errors.js";
import { formatMs, formatRate, formatRatio, formatSeconds } from "../../support/format.js";
import type { FaultReport, Report, ShareEvidence, SloResult } from "../document/report.js";
import { areSpread, type Estimate, moverDifference, moverRatio } from "../statistics/difference.js";
import { factorText, loadText, valueText } from "../wording/wording.js";
import { compareSearches, whatIsSearched } from "./compare-searches.js";
import type { ComparedRun, ComparedSlo, ComparedValue, RunComparison, Undecided } from "./run-comparison.js";

/** Latency counts as worse only when surely by more than this: two runs on one machine differ by less. */
const LEAST_RATIO = 1.25;
/** Of latencies that were closer than this the difference is told, as their ratio would sound like much. */
const LEAST_APART_MS = 5;
/** The same for good answers a second where their number is the system's doing. */
const LEAST_DROP = 0.1;

export function compareRuns(before: Report, after: Report): RunComparison {
  const slos = [
    ...compareSlos(null, before.baseline.slos.filter(isOfBaseline), after.baseline.slos.filter(isOfBaseline)),
    ...faultNames(before, after).flatMap((name) => {
      const [old, now] = [before, after].map(({ faults }) => faults.find((fault) => fault.name === name));
      const unproven = unprovenIn(old, "earlier") ?? unprovenIn(now, "later");
      const compared = [...compareSlos(name, old?.slos ?? [], now?.slos ?? []), ...compareSearches(old, now)];
      return unproven === null
        ? compared
        : compared.map((slo) => ({ ...slo, ...cannotTell("not_judged", unproven) }));
    }),
  ];
  const regressed = slos.filter(({ answer }) => answer === "regressed");
  const told = slos.filter(({ answer }) => answer !== "regressed" && answer !== "cannot_tell");
  const fixed = slos.filter(({ answer }) => answer === "fixed");
  const improved = slos.filter(({ answer }) => answer === "improved");
  const shared = {
    before: asWhole(before),
    after: asWhole(after),
    slos,
    mismatches: mismatches(before, after),
    notes: notes(before, after),
  };
  const [worst] = regressed;
  if (worst) {
    const more = regressed.length > 1 ? ` (and ${regressed.length - 1} more)` : "";
    const where = worst.fault === null ? "the baseline" : `"${worst.fault}"`;
    const reason = `Regressed: "${worst.slo}" in ${where}${more}. ${worst.reason}`;
    return { answer: "regressed", exitCode: EXIT.sloBroken, reason, ...shared };
  }
  const unjudged = unjudgedParts(before, after);
  if (told.length === 0 || unjudged.length > 0) {
    const reason =
      unjudged.length > 0
        ? `It cannot be told whether anything regressed: ${unjudged.join("; ")}.`
        : "Nothing can be told from these two runs.";
    return { answer: "cannot_tell", exitCode: EXIT.undecided, reason, ...shared };
  }
  const open = slos.length - told.length;
  const itself = isOneRun(before, after) ? " It is one and the same run." : "";
  const better = `${listText("Was broken, holds now", fixed)}${listText("Improved", improved)}`;
  const betterAnswer = fixed.length > 0 ? "fixed" : improved.length > 0 ? "improved" : null;
  return open > 0
    ? {
        answer: betterAnswer ?? "none_shown",
        exitCode: EXIT.ok,
        reason: `${better}${told.length - fixed.length - improved.length} of ${slos.length} SLOs are the same; of ${open} it cannot be told whether they regressed.${itself}`,
        ...shared,
      }
    : {
        answer: betterAnswer ?? "same",
        exitCode: EXIT.ok,
        reason: `${better}No regression in any of ${slos.length} SLOs.${itself}`,
        ...shared,
      };
}

function asWhole({ verdict, score }: Report): ComparedRun {
  return { verdict, score: score === null ? null : Math.floor(score.value) };
}

/** 'Improved: "p99 < 500ms" in "slow cache" (and 2 more). ', or nothing. */
function listText(what: string, slos: readonly ComparedSlo[]): string {
  const [first] = slos;
  if (!first) return "";
  const more = slos.length > 1 ? ` (and ${slos.length - 1} more)` : "";
  const where = first.fault === null ? "the baseline" : `"${first.fault}"`;
  return `${what}: "${first.slo}" in ${where}${more}. `;
}

/** An SLO that says "in fault" is not one of the baseline's, although the baseline must keep it for a run to go on. */
function isOfBaseline({ expect }: SloResult): boolean {
  const parsed = parseSlo(expect, { phases: ["baseline"] });
  return !parsed.ok || parsed.slo.phases.includes("baseline");
}

function isOneRun(before: Report, after: Report): boolean {
  return before.startedAt === after.startedAt && before.scenario.sha256 === after.scenario.sha256;
}

function faultNames(before: Report, after: Report): string[] {
  return [...new Set([...after.faults, ...before.faults].map(({ name }) => name))];
}

/** Its rows say nothing then, whatever verdicts an older report has for them. */
function unprovenIn(fault: FaultReport | undefined, run: "earlier" | "later"): string | null {
  if (fault === undefined || fault.injectedAtS === null || fault.injection.proven) return null;
  const why =
    fault.verdict === "invalid" ? fault.reason : "It could not be shown that the fault touched anything.";
  return `In the ${run} run: ${why}`;
}

/** Whole parts that one of the runs does not tell of: the others must not speak for them. */
function unjudgedParts(before: Report, after: Report): string[] {
  return (["earlier", "later"] as const).flatMap((run) => {
    const { baseline, faults } = run === "earlier" ? before : after;
    const parts = [
      { name: "the baseline", verdict: baseline.verdict },
      ...faults.map(({ name, verdict }) => ({ name: `"${name}"`, verdict })),
    ];
    return parts.flatMap(({ name, verdict }) => {
      if (verdict !== "invalid" && verdict !== "not_run") return [];
      return [`${name} was ${verdict === "invalid" ? "invalid" : "not run"} in the ${run} run`];
    });
  });
}

function compareSlos(
  fault: string | null,
  before: readonly SloResult[],
  after: readonly SloResult[],
): ComparedSlo[] {
  const key = ({ expect, phase }: SloResult) => `${phase}|${expect}`;
  const keys = [...new Set([...after, ...before].map(key))];
  return keys.map((id) => {
    const old = before.find((slo) => key(slo) === id);
    const now = after.find((slo) => key(slo) === id);
    const { expect: slo, phase, unit } = (now ?? old)!;
    const pair = {
      fault,
      slo,
      phase,
      unit,
      old: old ? comparedValue(old) : null,
      new: now ? comparedValue(now) : null,
    };
    return { ...pair, ...compareSlo(old, now) };
  });
}

function comparedValue({ verdict, observed, censored }: SloResult): ComparedValue {
  return { verdict, observed, censored };
}

type Answer = Pick<ComparedSlo, "answer" | "undecided" | "reason">;

function compareSlo(old: SloResult | undefined, now: SloResult | undefined): Answer {
  if (now === undefined) return cannotTell("one_run", "Only the earlier run had this SLO.");
  if (old === undefined) {
    // A check that appears only when it fails, such as a system that did not come back.
    return now.verdict === "fail" && now.target === null
      ? { answer: "regressed", reason: now.reason }
      : cannotTell("one_run", "Only the later run has this SLO.");
  }
  for (const [run, { verdict }] of [
    ["earlier", old],
    ["later", now],
  ] as const) {
    if (verdict === "invalid" || verdict === "not_run") {
      return cannotTell(
        "not_judged",
        `It was ${verdict === "invalid" ? "invalid" : "not judged"} in the ${run} run.`,
      );
    }
  }
  if (old.verdict === "pass" && now.verdict === "fail") {
    return { answer: "regressed", reason: `It held and is broken now: ${now.reason}` };
  }
  if (old.verdict === "fail" && now.verdict === "pass") {
    return { answer: "fixed", reason: `It was broken and holds now: ${now.reason}` };
  }
  if (old.unit === "s") return compareTiming(old, now);
  const byShare = compareShares(old, now);
  if (byShare?.answer === "regressed" || byShare?.answer === "improved") return byShare;
  if (old.unit === "ms") return compareLatency(old, now) ?? brokenInBoth(byShare) ?? noInterval(old, now);
  if (old.share === null || now.share === null) return compareRates(old, now);
  return byShare ?? noNumbers();
}

function cannotTell(undecided: Undecided, reason: string): Answer {
  return { answer: "cannot_tell", undecided, reason };
}

function noNumbers(): Answer {
  return cannotTell("no_numbers", "One of the runs has no numbers for it.");
}

/** Without intervals of the quantiles the share of bad requests can still say that it is broken as before. */
function brokenInBoth(byShare: Answer | null): Answer | null {
  return byShare?.answer === "same" ? byShare : null;
}

function noInterval(old: SloResult, now: SloResult): Answer {
  return cannotTell(
    "no_numbers",
    `${latencies(old, now)}; how much longer it may be cannot be told from these reports.`,
  );
}

function latencies(old: SloResult, now: SloResult): string {
  return `${valueText(now.observed, "ms")} after ${valueText(old.observed, "ms")}`;
}

/** MOVER on the shares of bad requests (for a latency those beyond its limit), and the rule for "degraded" without the onset, which needs one run. */
function compareShares(old: SloResult, now: SloResult): Answer | null {
  if (old.share === null || now.share === null || now.counts === null) return null;
  const difference = moverDifference(estimate(old.share), estimate(now.share));
  const shares = `${formatRatio(now.share.value)} of requests were bad, ${formatRatio(old.share.value)} before`;
  const { badSeconds, seconds, episodes } = now.share;
  if (difference.lower > 0) {
    return areSpread(badSeconds, seconds, episodes)
      ? { answer: "regressed", reason: `${shares}.` }
      : cannotTell("few_seconds", `${shares}, but in few seconds: that can be chance.`);
  }
  if (difference.upper < 0 && areSpread(old.share.badSeconds, old.share.seconds, old.share.episodes)) {
    return { answer: "improved", reason: `${shares}.` };
  }
  // Of a latency this says that the limit still holds, not that it takes no longer.
  if (old.unit !== "ms" && difference.upper <= now.counts.budget) {
    return { answer: "same", reason: `${shares}.` };
  }
  if (old.verdict === "fail" && now.verdict === "fail" && difference.value <= 0) {
    return { answer: "same", reason: `${shares}: broken in both.` };
  }
  return cannotTell(
    "too_few",
    `${shares}; a worsening by ${formatRatio(difference.upper)} cannot be excluded.`,
  );
}

function estimate({ value, lower95, upper95 }: ShareEvidence): Estimate {
  return { value, lower: lower95, upper: upper95 };
}

/** The quantiles themselves, from their 98 % intervals; null where a run has none or they reach into the failures. */
function compareLatency(old: SloResult, now: SloResult): Answer | null {
  const [before, after] = [quantileEstimate(old), quantileEstimate(now)];
  const ratio = before && after && moverRatio(before, after);
  if (!ratio) return null;
  const values = latencies(old, now);
  if (ratio.lower > LEAST_RATIO) {
    return { answer: "regressed", reason: `${values}: surely more than ${factorText(ratio.lower)} as long.` };
  }
  if (ratio.upper < 1 / LEAST_RATIO) {
    return { answer: "improved", reason: `${values}: surely less than ${factorText(ratio.upper)} as long.` };
  }
  if (ratio.upper <= LEAST_RATIO) return { answer: "same", reason: `${values}.` };
  const apart = after.upper - before.value;
  return Math.abs(after.value - before.value) < LEAST_APART_MS
    ? cannotTell("too_few", `${values}; it may be up to ${formatMs(apart)} longer.`)
    : cannotTell("too_few", `${values}; it may be up to ${factorText(ratio.upper)} as long.`);
}

function quantileEstimate({ observed, interval, share }: SloResult): Estimate | null {
  return asEstimate({ observed, interval: share?.quantile98 ?? interval });
}

function asEstimate({ observed, interval }: Pick<SloResult, "observed" | "interval">): Estimate | null {
  const [lower, upper] = interval ?? [];
  if (typeof observed !== "number" || typeof lower !== "number" || typeof upper !== "number") return null;
  return { value: observed, lower, upper };
}

function compareRates(old: SloResult, now: SloResult): Answer {
  const [before, after] = [asEstimate(old), asEstimate(now)];
  if (!before || !after) return noNumbers();
  const { lower, upper } = moverDifference(before, after);
  const values = `${formatRate(after.value)} good answers after ${formatRate(before.value)}`;
  if (upper < -LEAST_DROP * before.value) return { answer: "regressed", reason: `${values}.` };
  if (lower > LEAST_DROP * before.value) return { answer: "improved", reason: `${values}.` };
  if (lower >= -LEAST_DROP * before.value) return { answer: "same", reason: `${values}.` };
  return cannotTell("too_few", `${values}; that can be chance.`);
}

/** One recovery is one number: only a longer one that was never seen to end, or a broken SLO, says something. */
function compareTiming(old: SloResult, now: SloResult): Answer {
  if (typeof old.observed !== "number" || typeof now.observed !== "number") return noNumbers();
  const text = ({ censored, observed }: SloResult) =>
    `${censored ? "more than " : ""}${formatSeconds(typeof observed === "number" ? observed : 0)}`;
  const values = `${text(now)} after ${text(old)}`;
  if (now.verdict === "fail" && old.verdict === "fail" && now.observed > old.observed + 2 && !old.censored) {
    return { answer: "regressed", reason: `${values}, and broken in both.` };
  }
  if (old.censored || now.censored) return cannotTell("one_timing", `${values}.`);
  return now.observed <= old.observed + 2
    ? { answer: "same", reason: `${values}.` }
    : cannotTell("one_timing", `${values}; one recovery each is too few to tell.`);
}

/** What makes two runs different tests. */
export function mismatches(before: Report, after: Report): string[] {
  const found: string[] = [];
  const differ = (what: string, old: string, now: string) => {
    if (old !== now) found.push(`${what}: ${old} before, ${now} now`);
  };
  differ("scenario", `"${before.scenario.name}"`, `"${after.scenario.name}"`);
  differ("load model", describeModel(before), describeModel(after));
  differ(
    "load.timeout",
    formatSeconds(before.load.timeoutMs / 1000),
    formatSeconds(after.load.timeoutMs / 1000),
  );
  differ("requests", before.load.requestNames.join(", "), after.load.requestNames.join(", "));
  for (const name of faultNames(before, after)) {
    const describe = ({ faults }: Report) => {
      const fault: FaultReport | undefined = faults.find((each) => each.name === name);
      if (fault === undefined) return "not there";
      // What a search found is its result, not what it tests.
      return fault.search === null ? fault.injection.description : whatIsSearched(fault.search);
    };
    // Of one that a run ended before it is not known what it would have been; it is not compared either.
    const unknown = [before, after].some(({ faults }) =>
      faults.some((fault) => fault.name === name && fault.injection.description === ""),
    );
    if (!unknown) differ(`fault "${name}"`, describe(before), describe(after));
  }
  return found;
}

function describeModel({ load }: Report): string {
  const { model } = load;
  const { startValue, stages } = model.profile;
  const value = (n: number) => loadText(load, n);
  const steps = stages.map(
    ({ kind, durationMs, to }) => `${kind} to ${value(to)} in ${formatSeconds(durationMs / 1000)}`,
  );
  const more =
    model.kind === "open" ? `, arrivals ${model.arrivals}` : `, think time ${model.thinkTimeMs} ms`;
  return [`${value(startValue)}${more}`, ...steps].join(", ");
}

function notes(before: Report, after: Report): string[] {
  const found: string[] = [];
  const differ = (what: string, old: string, now: string) => {
    if (old !== now) found.push(`${what}: ${old} before, ${now} now`);
  };
  const [target, targetNow] = [before.load.targetUrl, after.load.targetUrl];
  if (withoutPickedPort(target) !== withoutPickedPort(targetNow)) differ("target", target, targetNow);
  differ("evidence", before.evidence, after.evidence);
  differ("platform", before.environment.platform, after.environment.platform);
  differ("CPUs", String(before.environment.cpus), String(after.environment.cpus));
  differ("Toxiproxy", describeToxiproxy(before), describeToxiproxy(after));
  differ("faultline", before.tool.version, after.tool.version);
  return found;
}

/** On this machine the system picks another port for each run (`${services.NAME.port}`), which is no difference. */
function withoutPickedPort(url: string): string {
  return url.replace(/^(https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\])):\d+/, "$1");
}

function describeToxiproxy({ environment: { toxiproxy } }: Report): string {
  return `${toxiproxy.kind} ${toxiproxy.version}`;
}
