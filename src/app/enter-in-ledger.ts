import { randomUUID } from "node:crypto";
import { dirname, relative } from "node:path";
import type { Report } from "../analysis/document/report.js";
import { appendLine } from "../ledger/append-line.js";
import { nameFrom } from "../ledger/changes.js";
import { lockFilesAround } from "../ledger/hashed-files.js";
import { lineOfRun, type Provenance } from "../ledger/line-of-run.js";
import { currentCommit, repositoryRoot } from "../ledger/repository.js";
import type { RunRecord } from "../measure/record.js";
import { messageOf } from "../support/errors.js";
import type { PlannedScenario } from "./plan-to-run.js";

/** Where a run comes from: the files that it depends on, and the commit. */
export async function provenanceOf(
  { plan, sources, isWhole }: PlannedScenario,
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): Promise<Provenance> {
  const repository = await repositoryRoot(cwd);
  const root = repository ?? cwd;
  const folders = [cwd, ...sources.map(({ path }) => dirname(path)), ...plan.services.map((one) => one.cwd)];
  const [commit, lockFiles] = await Promise.all([
    currentCommit(repository, env),
    lockFilesAround(folders, root),
  ]);
  return {
    sources: sources.map(({ path, sha256 }) => ({ file: nameFrom(root, path), sha256 })),
    lockFiles,
    commit,
    whole: isWhole,
  };
}

/** Adds the run's line. A problem is only a warning: the run is over, and its verdict stands. */
export async function enterInLedger(
  ledger: string,
  run: {
    readonly report: Report;
    readonly record: RunRecord;
    readonly folder: string | null;
    readonly isWritten: boolean;
  },
  provenance: Provenance,
  onWarning: (text: string) => void,
): Promise<void> {
  const folder = run.folder !== null && run.isWritten ? relative(dirname(ledger), run.folder) || "." : null;
  try {
    await appendLine(ledger, lineOfRun(run, provenance, { id: randomUUID(), folder }));
  } catch (error) {
    onWarning(`this run is not in the history, as ${ledger} cannot be written: ${messageOf(error)}`);
  }
}
