import type { Report, SloResult, Verdict } from "../analysis/document/report.js";
import { worst } from "../analysis/document/verdict.js";
import { lessIsWorse } from "../analysis/fault/search-report.js";
import { kindOfSearch } from "../faults/kinds/index.js";
import type { FaultRecord, FaultSearch, RunRecord } from "../measure/record.js";
import { scenarioName } from "../plan/fault-round.js";
import { checksShown } from "./checks-shown.js";
import {
  type BreakingPointFound,
  type FaultShown,
  type HashedFile,
  LEDGER_FORMAT_VERSION,
  type LedgerLine,
} from "./ledger-line.js";

/** What a run knows about the place where it was run. */
export interface Provenance {
  readonly sources: readonly HashedFile[];
  readonly lockFiles: readonly HashedFile[];
  readonly commit: string | null;
  /** All of the scenario's faults were planned. */
  readonly whole: boolean;
}

/** @param folder of the report, relative to the ledger's folder; null: none was written. */
export function lineOfRun(
  { report, record }: { readonly report: Report; readonly record: RunRecord },
  provenance: Provenance,
  run: { readonly id: string; readonly folder: string | null },
): LedgerLine {
  const { scenario, verdict, score, evidence, startedAt, tool, baseline } = report;
  const { sources, lockFiles, commit, whole } = provenance;
  const [main] = sources;
  return {
    ledger: LEDGER_FORMAT_VERSION,
    id: run.id,
    startedAt,
    tool: tool.version,
    scenario: { name: scenario.name, file: main?.file ?? scenario.file, sha256: scenario.sha256 },
    sources: [...sources],
    lockFiles: [...lockFiles],
    commit,
    verdict,
    score: score?.value ?? null,
    evidence,
    whole,
    folder: run.folder,
    baseline: baseline.verdict,
    faults: faultsShown(report, record),
    checks: checksShown(report, record),
  };
}

/** The rounds of `repeat:` are one fault here. The worst round counts. */
function faultsShown(report: Report, record: RunRecord): FaultShown[] {
  const requestOf = new Map(record.slos.map(({ text, request }) => [text, request]));
  const shown = new Map<string, FaultShown>();
  for (const fault of report.faults) {
    const recorded = record.faults.find((one) => one.name === fault.name);
    const name = scenarioName(fault.name, recorded?.round);
    const { kinds, dependencies } = deedsOf(recorded, fault.search);
    const now: FaultShown = {
      name,
      verdict: fault.verdict,
      reason: fault.reason,
      kinds,
      dependencies,
      requests: requestsShown(fault.slos, requestOf),
      search: fault.search && breakingPointOf(fault.search),
    };
    const before = shown.get(name);
    shown.set(name, before ? together(before, now) : now);
  }
  return [...shown.values()];
}

function together(one: FaultShown, other: FaultShown): FaultShown {
  const verdict = worst([one.verdict, other.verdict]);
  const requests = [...new Set([...one.requests, ...other.requests].map(({ request }) => request))];
  return {
    ...one,
    verdict,
    reason: verdict === one.verdict ? one.reason : other.reason,
    kinds: [...new Set([...one.kinds, ...other.kinds])],
    dependencies: [...new Set([...one.dependencies, ...other.dependencies])],
    requests: requests.map((request) => ({
      request,
      verdict: worst(
        [...one.requests, ...other.requests].flatMap((each) =>
          each.request === request ? [each.verdict] : [],
        ),
      ),
    })),
  };
}

function deedsOf(
  recorded: FaultRecord | undefined,
  search: FaultSearch | null,
): { readonly kinds: string[]; readonly dependencies: string[] } {
  const actions = [
    ...(recorded?.actions ?? []),
    ...(recorded?.stages ?? []).flatMap((stage) => stage.actions),
  ];
  const unique = (names: readonly string[]) => [...new Set(names)];
  return {
    kinds: unique([
      ...actions.map(({ kind }) => kind),
      ...(search ? [kindOfSearch(search.attribute) ?? search.attribute] : []),
    ]),
    dependencies: unique([...actions.map(({ target }) => target), ...(search ? [search.proxy] : [])]),
  };
}

function requestsShown(
  slos: readonly SloResult[],
  requestOf: ReadonlyMap<string, string | null>,
): FaultShown["requests"] {
  const verdicts = new Map<string | null, Verdict[]>();
  for (const { expect, verdict } of slos) {
    const request = requestOf.get(expect) ?? null;
    verdicts.set(request, [...(verdicts.get(request) ?? []), verdict]);
  }
  return [...verdicts].map(([request, all]) => ({ request, verdict: worst(all) }));
}

function breakingPointOf(search: FaultSearch): BreakingPointFound {
  const { attribute, unit, until, holdsUpTo, breaksAt } = search;
  return { attribute, unit, until, holdsUpTo, breaksAt, lessIsWorse: lessIsWorse(search) };
}
