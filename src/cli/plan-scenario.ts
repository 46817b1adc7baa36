import { checkScenario, type PlaceOfEndpoint, type PlaceOfSlo } from "../plan/check-scenario.js";
import type { RunPlan } from "../plan/run-plan.js";
import { type Diagnostic, diagnosticText, ScenarioError } from "../scenario/diagnostics/diagnostic.js";
import { secretsIn } from "../scenario/values/secrets.js";
import { redact } from "../support/redact.js";
import { sloDiagnostics } from "./decisions.js";
import { harmlessIo } from "./harmless-io.js";
import type { Io } from "./io.js";
import { reportError } from "./report-error.js";
import type { RunFlags } from "./run-flags.js";
import { grantsOf } from "./trust-options.js";

/** A scenario that can be run. */
export interface PlannedScenario {
  readonly file: string;
  readonly plan: RunPlan;
  /** For what turns out only when it runs. */
  readonly placeOfEndpoint: PlaceOfEndpoint;
  readonly placeOfSlo: PlaceOfSlo;
  /** SLOs that the plan can never pass, to be said when it is run. */
  readonly warnings: readonly Diagnostic[];
  /** Lets none of the scenario's secrets out. */
  readonly io: Io;
}

/** Reads, checks and plans; warnings and errors are printed here. A number: the exit code, as it cannot be run. */
export async function planScenario(file: string, flags: RunFlags, io: Io): Promise<PlannedScenario | number> {
  const masking = (secrets: readonly string[]) => harmlessIo(io).masking((text) => redact(text, secrets));
  let safe = masking(secretsIn(io.env));
  try {
    const {
      plan: asWritten,
      placeOf,
      placeOfEndpoint,
      diagnostics,
      dropped,
    } = await checkScenario(file, {
      cwd: io.cwd,
      env: io.env,
      set: flags.set ?? [],
      vars: flags.var ?? [],
      allowHosts: flags.allowHost ?? [],
      untrusted: grantsOf(flags, io),
      ...(flags.only ? { only: flags.only } : {}),
      ...(flags.toxiproxy === undefined ? {} : { toxiproxyUrl: flags.toxiproxy }),
    });
    if (!asWritten) throw new ScenarioError(diagnostics.filter(isError), dropped);
    const plan = withFlags(asWritten, flags);
    safe = masking(plan.secrets);
    for (const warning of diagnostics) safe.stderr.write(`${diagnosticText(warning)}\n`);
    const aboutSlos = sloDiagnostics(plan, placeOf);
    // Nothing may be started for what cannot even be measured.
    const unmeasurable = aboutSlos.diagnostics.filter(isError);
    if (unmeasurable.length > 0) throw new ScenarioError(unmeasurable, aboutSlos.dropped);
    return { file, plan, placeOfEndpoint, placeOfSlo: placeOf, warnings: aboutSlos.diagnostics, io: safe };
  } catch (error) {
    return reportError(error, safe, { verbose: flags.verbose ?? false });
  }
}

const isError = ({ severity }: Diagnostic) => severity === "error";

function withFlags(plan: RunPlan, flags: RunFlags): RunPlan {
  const seed = flags.seed ?? plan.seed;
  return { ...plan, seed, load: { ...plan.load, seed }, evidence: flags.evidence ?? plan.evidence };
}
