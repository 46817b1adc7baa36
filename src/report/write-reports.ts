import { join } from "node:path";
import { writeWhole } from "../support/write-whole.js";
import type { FileReporter, ReportInput } from "./reporter.js";

/** One format to write, and where. */
export interface ReportChoice {
  readonly reporter: FileReporter;
  /** Absolute. null: the reporter's own file name in the run's folder. */
  readonly path: string | null;
}

export interface WrittenReport {
  readonly reporter: string;
  readonly path: string;
}

/**
 * Renders and writes the chosen formats, each file whole or not at all. Resolves with their paths in the order given.
 * One that fails does not stop the others. Then the first failure is thrown (REPORT_UNWRITABLE, or whatever a reporter
 * threw).
 */
export async function writeReports(
  input: ReportInput & { readonly folder: string; readonly reporters: readonly ReportChoice[] },
): Promise<readonly WrittenReport[]> {
  const written: WrittenReport[] = [];
  const failures: unknown[] = [];
  for (const { reporter, path } of input.reporters) {
    const target = path ?? join(input.folder, reporter.fileName);
    try {
      await writeWhole(target, reporter.render(input));
      written.push({ reporter: reporter.name, path: target });
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return written;
}
