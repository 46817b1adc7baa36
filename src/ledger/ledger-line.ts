/**
 * One line of history.jsonl: what one run has shown. The schema is the source of its type. Keys that a later version
 * adds are kept and ignored. An older reader leaves out a line of a newer format.
 */

import { z } from "zod";
import { runVerdict, verdict } from "../analysis/document/verdict.js";
import {
  anyText,
  type Described,
  flag,
  listOf,
  nullableNumber,
  nullableText,
  number,
  orNull,
} from "../measure/schema-parts.js";
import { evidence } from "../measure/shared-fields.js";

export const LEDGER_FORMAT_VERSION = 1;

const instant = z.string().refine((value) => Number.isFinite(Date.parse(value)), {
  error: "expected a time as ISO 8601",
});

/** Paths count from the repository's root. Without a repository: from the folder that the run was started in. */
const hashedFile = z.looseObject({ file: anyText, sha256: anyText });
export interface HashedFile extends Described<typeof hashedFile> {}

/** What a search found: it holds up to one value and breaks at the other. */
const breakingPoint = z.looseObject({
  attribute: anyText,
  unit: anyText,
  until: anyText,
  holdsUpTo: nullableNumber,
  breaksAt: nullableNumber,
  /** For bandwidth the lesser value is the more severe one. */
  lessIsWorse: flag,
});
export interface BreakingPointFound extends Described<typeof breakingPoint> {}

const faultShown = z.looseObject({
  name: anyText,
  verdict,
  /** One sentence. */
  reason: anyText,
  /** What was done, by the scenario's keys: latency, partition … */
  kinds: listOf(anyText),
  /** What it was done to. */
  dependencies: listOf(anyText),
  /** Verdicts of the SLOs by their request. null: all requests. */
  requests: listOf(z.looseObject({ request: nullableText, verdict })),
  search: orNull(breakingPoint),
});
export interface FaultShown extends Described<typeof faultShown> {}

const checkShown = z.looseObject({
  name: anyText,
  verdict,
  /** One sentence. */
  reason: anyText,
  /** The request whose ids it looked for. null: it is about no request. */
  request: nullableText,
  /** Where it was broken: names of faults. Empty: outside of all faults, or nowhere. */
  faults: listOf(anyText),
});
export interface CheckShown extends Described<typeof checkShown> {}

export const ledgerLineSchema = z.looseObject({
  ledger: number,
  /** A line may be written twice. The same id is the same run. */
  id: anyText,
  /** ISO 8601, UTC. */
  startedAt: instant,
  tool: anyText,
  scenario: z.looseObject({ name: anyText, file: anyText, sha256: anyText }),
  /** The scenario's file and those that it extends or includes. */
  sources: listOf(hashedFile),
  lockFiles: listOf(hashedFile),
  /** null: there is no repository, or it does not say. */
  commit: nullableText,
  verdict: runVerdict,
  score: nullableNumber,
  evidence,
  /** All of the scenario's faults were planned: `--only` left none out. */
  whole: flag,
  /** Relative to the ledger's folder. null: no report was written. */
  folder: nullableText,
  baseline: verdict,
  faults: listOf(faultShown),
  /** Not there in older lines. */
  checks: listOf(checkShown).optional(),
});
export interface LedgerLine extends Described<typeof ledgerLineSchema> {}
