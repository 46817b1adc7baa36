import { type PlannedScenario, planToRun } from "../app/plan-to-run.js";
import { diagnosticText, ScenarioError } from "../scenario/diagnostics/diagnostic.js";
import { secretsIn } from "../scenario/values/secrets.js";
import { redact } from "../support/redact.js";
import type { RunFlags } from "./options/run-flags.js";
import { grantsOf } from "./options/trust-options.js";
import { reportError } from "./output/report-error.js";
import { harmlessIo } from "./process/harmless-io.js";
import type { Io } from "./process/io.js";

/** A scenario that can be run, with a process that lets none of its secrets out. */
export interface ScenarioToRun extends PlannedScenario {
  readonly io: Io;
}

/** Reads, checks and plans. Prints warnings and errors. @returns the exit code, a number, when it cannot be run. */
export async function scenarioToRun(file: string, flags: RunFlags, io: Io): Promise<ScenarioToRun | number> {
  const masking = (secrets: readonly string[]) => harmlessIo(io).masking((text) => redact(text, secrets));
  let safe = masking(secretsIn(io.env));
  try {
    const { warnings, secrets, result } = await planToRun(file, {
      cwd: io.cwd,
      env: io.env,
      set: flags.set ?? [],
      vars: flags.var ?? [],
      allowHosts: flags.allowHost ?? [],
      untrusted: grantsOf(flags, io),
      seed: flags.seed,
      evidence: flags.evidence,
      ...(flags.only ? { only: flags.only } : {}),
      ...(flags.toxiproxy === undefined ? {} : { toxiproxyUrl: flags.toxiproxy }),
    });
    if (secrets !== null) safe = masking(secrets);
    for (const warning of warnings) safe.stderr.write(`${diagnosticText(warning)}\n`);
    if (result instanceof ScenarioError) throw result;
    return { ...result, io: safe };
  } catch (error) {
    return reportError(error, safe, { verbose: flags.verbose ?? false });
  }
}
