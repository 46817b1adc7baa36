import type { LoadPlan } from "../../plan/load-plan.js";
import { type Random, seededStream } from "../../support/random.js";

/** Separates the streams of random numbers that come from one seed. */
const STREAM = { arrivals: 1, mix: 2, values: 3 } as const;

/** Random numbers for one purpose. `thread`: those that all threads draw alike are those of thread 0. */
export function scheduleStream(plan: Pick<LoadPlan, "seed">, name: keyof typeof STREAM, thread = 0): Random {
  return seededStream(plan.seed, STREAM[name], thread);
}
