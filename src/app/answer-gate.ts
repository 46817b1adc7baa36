import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Change, changesSince } from "../ledger/changes.js";
import { type GateItem, gateVerdict, judgeGate } from "../ledger/gate.js";
import { type PlacedLine, readLedger, type SkippedLine } from "../ledger/read-ledger.js";
import { repositoryRoot } from "../ledger/repository.js";
import { readRequirements } from "../ledger/requirements.js";
import { FaultlineError } from "../support/errors.js";
import { DEFAULT_FOLDER, LEDGER_FILE } from "./ledger-place.js";

export interface GateOptions {
  readonly cwd: string;
  /** The ledger's file, or the folder that it is in. */
  readonly ledger: string;
  /** A file of requirements. null: everything that the ledger knows. */
  readonly require: string | null;
  readonly maxAgeMs: number | null;
  /** Evidence from before the last change of a lock file or of the scenario does not count. */
  readonly sinceLockfile: boolean;
  readonly nowMs: number;
}

export interface GateAnswer {
  readonly verdict: "pass" | "fail" | "inconclusive";
  readonly items: readonly GateItem[];
  /** As it was named. */
  readonly ledger: string;
  /** null: there is no ledger. */
  readonly runs: number | null;
  readonly skipped: readonly SkippedLine[];
}

/** @throws FaultlineError FILE_NOT_FOUND, FILE_UNREADABLE, REQUIREMENTS_INVALID. */
export async function answerGate(options: GateOptions): Promise<GateAnswer> {
  const { cwd, require, maxAgeMs, nowMs } = options;
  // A mistake in it is told whether there is a ledger or not.
  const requirements = require === null ? null : await readRequirements(require, cwd);
  const file = await ledgerFile(options.ledger, cwd);
  const ledger = await readLedger(resolve(cwd, file));
  const lines = ledger?.lines ?? [];
  const changes = options.sinceLockfile ? await changesOf(lines, cwd) : null;
  const items = judgeGate(lines, {
    requirements,
    maxAgeMs,
    nowMs,
    changesSince: (from) => changes?.get(from) ?? [],
  });
  return {
    verdict: gateVerdict(items),
    items,
    ledger: file,
    runs: ledger ? lines.length : null,
    skipped: ledger?.skipped ?? [],
  };
}

/**
 * The ledger's path. A folder stands for the ledger in it. A missing path is a slip, except for the default one before
 * the first run.
 */
async function ledgerFile(path: string, cwd: string): Promise<string> {
  const there = await stat(resolve(cwd, path)).catch(() => null);
  if (there?.isDirectory()) return join(path, LEDGER_FILE);
  if (there) return path;
  if (path === DEFAULT_FOLDER) return join(path, LEDGER_FILE);
  throw new FaultlineError("FILE_NOT_FOUND", `there is no ${path}`);
}

/** Keeps what it has read: most lines depend on the same files. */
async function changesOf(
  lines: readonly PlacedLine[],
  cwd: string,
): Promise<ReadonlyMap<PlacedLine, readonly Change[]>> {
  const root = (await repositoryRoot(cwd)) ?? cwd;
  const known = new Map<string, Promise<readonly Change[]>>();
  const found = new Map<PlacedLine, readonly Change[]>();
  for (const placed of lines) {
    const { sources, lockFiles } = placed.line;
    const key = JSON.stringify([sources, lockFiles]);
    const changes = known.get(key) ?? changesSince(placed.line, root);
    known.set(key, changes);
    found.set(placed, await changes);
  }
  return found;
}
