import type { SearchStep } from "../../src/plan/steps.js";
import { parseSlo } from "../../src/slo/parse.js";

/** A search for the latency from 0 to 1,000 ms at which p99 < 500ms breaks. */
export function searchStep(changes: Partial<SearchStep> = {}): SearchStep {
  const until = parseSlo("p99 < 500ms", {});
  if (!until.ok) throw new Error(until.error.message);
  return {
    kind: "search",
    fault: { name: "slower and slower", round: 1 },
    during: { id: "search-1", startMs: 0, durationMs: 24_000, expectedRequests: 30 },
    at: { target: "cache", stream: "downstream", toxicity: 1 },
    axis: "latency",
    attribute: "latency",
    unit: "ms",
    from: 0,
    to: 1_000,
    precision: 20,
    maxTrials: 12,
    trialMs: 1_000,
    recoveryMs: 1_000,
    until: until.slo,
    ...changes,
  };
}
