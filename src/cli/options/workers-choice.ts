import { LONGEST_DURATION, parseDuration } from "../../quantities/units.js";
import type { WorkersChoice } from "../../run/set-up/set-up-options.js";
import { FaultlineError } from "../../support/errors.js";
import type { RunFlags } from "./run-flags.js";

const WITHIN_MS = 30_000;

/** @returns null when the load is made here. @throws FaultlineError USAGE. */
export function workersChoice({ workers, expectWorkers, workersWithin }: RunFlags): WorkersChoice | null {
  if (workers === undefined) {
    const [alone] = [
      ...(expectWorkers === undefined ? [] : ["--expect-workers"]),
      ...(workersWithin === undefined ? [] : ["--workers-within"]),
    ];
    if (alone === undefined) return null;
    throw new FaultlineError("USAGE", `${alone} needs --workers URL`);
  }
  return { url: workers, expect: expectWorkers ?? null, withinMs: withinMs(workersWithin) };
}

function withinMs(text: string | undefined): number {
  if (text === undefined) return WITHIN_MS;
  const duration = parseDuration(text);
  if (duration && duration.ms <= LONGEST_DURATION.ms) return duration.ms;
  throw new FaultlineError("USAGE", `--workers-within: expected a duration such as 2m, not "${text}"`);
}
