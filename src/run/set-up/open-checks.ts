import { tooSlowSignals } from "../../analysis/slo/signal-decidability.js";
import type { RunPlan } from "../../plan/run-plan.js";
import { RunChecks, type RunChecksOptions } from "../checks/run-checks.js";
import { sentMoments, spansOf } from "../checks/sent-moment.js";
import type { RunControl } from "../run-control.js";
import { RunSignals } from "../signals/run-signals.js";
import type { SetUpOptions } from "./set-up-options.js";

/** `env`: what commands inherit. */
export function openChecks(
  control: RunControl,
  plan: RunPlan,
  { env, net, idFolder, cluster }: SetUpOptions & Pick<RunChecksOptions, "idFolder" | "cluster">,
): RunChecks {
  const { recorder } = control;
  return new RunChecks({
    checks: plan.checks,
    cluster,
    runId: net.runId,
    env,
    secrets: plan.secrets,
    journal: net.journal,
    signal: control.stop.signal,
    now: () => recorder.now(),
    idFolder,
    moments: () => sentMoments(recorder.phases, recorder.faults),
    spans: () => spansOf(recorder.phases, recorder.faults),
    say: (text) => control.say(text),
    warn: (text) => control.warn(text),
  });
}

/** `env`: what commands inherit. */
export function openSignals(control: RunControl, plan: RunPlan, { env, net }: SetUpOptions): RunSignals {
  const { recorder, stop } = control;
  return new RunSignals({
    signals: plan.signals,
    runId: net.runId,
    env,
    secrets: plan.secrets,
    journal: net.journal,
    signal: stop.signal,
    secondsAt: (atMs) => recorder.secondsAt(atMs),
    onRead: (phaseId, read) => recorder.signals(phaseId, read),
  });
}

/** What only the server knows beforehand: how often it looks. */
export async function warnOfSlowSignals(
  control: RunControl,
  plan: RunPlan,
  signals: RunSignals,
): Promise<void> {
  const intervals = await control.stop.unlessStopped(signals.intervals((text) => control.warn(text)));
  for (const warning of tooSlowSignals(plan, intervals)) control.warn(warning);
}
