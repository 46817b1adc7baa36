/**
 * Whether two runs are the same test, and how they differ otherwise. Compares what was done and asked, not the wording.
 */

import { isDeepStrictEqual } from "node:util";
import type { FaultAction } from "../../faults/fault-action.js";
import { formatSeconds } from "../../support/format.js";
import type { FaultReport, Report } from "../document/report.js";
import { loadText } from "../wording/wording.js";
import { isSameSearch, whatIsSearched } from "./compare-searches.js";

/** What makes two runs different tests. */
export function mismatches(before: Report, after: Report): string[] {
  const differ = differencesOf(before, after);
  return [
    ...differ("scenario", ({ scenario }) => scenario.name, quoted),
    ...differ("load model", askedOf, describeModel),
    ...differ("load.timeout", ({ load }) => load.timeoutMs, inSeconds),
    ...differ(
      "requests",
      ({ load }) => load.requestNames,
      (names) => names.join(", "),
    ),
    ...faultNames(before, after).flatMap((name) => {
      const named = ({ faults }: Report) => faults.find((fault) => fault.name === name);
      const [old, now] = [named(before), named(after)];
      if (isUnknown(old) || isUnknown(now) || isSameFault(old, now)) return [];
      return [told(`fault "${name}"`, whatIsDone(old), whatIsDone(now))];
    }),
  ];
}

/** Smaller differences that are worth knowing. */
export function notes(before: Report, after: Report): string[] {
  const differ = differencesOf(before, after);
  const [target, targetNow] = [before.load.targetUrl, after.load.targetUrl];
  const isSameTarget = withoutPickedPort(target) === withoutPickedPort(targetNow);
  const isSameFile = before.scenario.sha256 === after.scenario.sha256;
  return [
    ...(isSameFile ? [] : ["the scenario's file was changed: what is expected of answers may differ, too"]),
    ...(isSameTarget ? [] : [told("target", target, targetNow)]),
    ...differ("protocol", ({ load }) => load.protocol ?? "http1"),
    ...differ("evidence", ({ evidence }) => evidence),
    ...differ("platform", ({ environment }) => environment.platform),
    ...differ("CPUs", ({ environment }) => environment.cpus),
    ...differ("Toxiproxy", ({ environment: { toxiproxy } }) => `${toxiproxy.kind} ${toxiproxy.version}`),
    ...differ("faultline", ({ tool }) => tool.version),
  ];
}

export function faultNames(before: Report, after: Report): string[] {
  return [...new Set([...after.faults, ...before.faults].map(({ name }) => name))];
}

/** At most one line for each aspect. */
function differencesOf(before: Report, after: Report) {
  return <Value>(
    what: string,
    of: (report: Report) => Value,
    text: (value: Value) => string = String,
  ): string[] => {
    const [old, now] = [of(before), of(after)];
    return isDeepStrictEqual(old, now) ? [] : [told(what, text(old), text(now))];
  };
}

function told(what: string, old: string, now: string): string {
  return `${what}: ${old} before, ${now} now`;
}

function quoted(text: string): string {
  return `"${text}"`;
}

function inSeconds(ms: number): string {
  return formatSeconds(ms / 1000);
}

/** What the load asks of the system. The number of connections for it is the generator's own matter. */
function askedOf({ load: { model, unit = "requests" } }: Report) {
  const { startValue, stages } = model.profile;
  return {
    unit,
    kind: model.kind,
    arrivals: model.kind === "open" ? model.arrivals : null,
    thinkTimeMs: model.kind === "closed" ? model.thinkTimeMs : null,
    startValue,
    stages: stages.map(({ kind, durationMs, to }) => ({ kind, durationMs, to })),
  };
}

function describeModel({
  kind,
  unit,
  arrivals,
  thinkTimeMs,
  ...profile
}: ReturnType<typeof askedOf>): string {
  const value = (n: number) => loadText({ model: { kind }, unit }, n);
  const more = kind === "open" ? `, arrivals ${arrivals}` : `, think time ${thinkTimeMs} ms`;
  const steps = profile.stages.map(
    (stage) => `${stage.kind} to ${value(stage.to)} in ${inSeconds(stage.durationMs)}`,
  );
  return [`${value(profile.startValue)}${more}`, ...steps].join(", ");
}

/** Whether what the fault would have done is unknown, because the run ended before it. */
function isUnknown(fault: FaultReport | undefined): boolean {
  return fault?.injection.description === "";
}

function isSameFault(old: FaultReport | undefined, now: FaultReport | undefined): boolean {
  if (old === undefined || now === undefined) return old === now;
  // What a search found is its result. It is not what the search tests.
  if (old.search !== null || now.search !== null) return isSameSearch(old.search, now.search);
  const [before, after] = [deedsOf(old), deedsOf(now)];
  return before === null || after === null
    ? old.injection.description === now.injection.description
    : isDeepStrictEqual(before, after);
}

/** @returns null for an older report, which has the actions in words alone. */
function deedsOf({ injection: { actions, stages = [] } }: FaultReport) {
  if (actions === undefined && stages.length === 0) return null;
  // The name that a user gives an action does not matter to the system.
  const done = (all: readonly FaultAction[]) =>
    all.map(({ driver, target, spec }) => ({ driver, target, spec }));
  return [
    { atMs: 0, actions: done(actions ?? []) },
    ...stages.map(({ atMs, actions }) => ({ atMs, actions: done(actions) })),
  ];
}

function whatIsDone(fault: FaultReport | undefined): string {
  if (fault === undefined) return "not there";
  return fault.search === null ? fault.injection.description : whatIsSearched(fault.search);
}

/**
 * The URL without a port that the system picked (`${services.NAME.port}`). Each run has another one, which is no
 * difference.
 */
function withoutPickedPort(url: string): string {
  return url.replace(/^(https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\])):\d+/, "$1");
}
