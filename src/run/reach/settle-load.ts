import { RequestProblem } from "../../load/request-problem.js";
import { settlePlan } from "../../load/settle-plan.js";
import type { LoadPlan } from "../../plan/load-plan.js";
import type { RunPlan } from "../../plan/run-plan.js";
import { redact } from "../../support/redact.js";

/** Asks the target for all that the load leaves to it. @throws RequestProblem, without secrets. */
export async function settleLoad(
  { load, secrets }: Pick<RunPlan, "load" | "secrets">,
  signal: AbortSignal,
): Promise<LoadPlan> {
  const mask = (text: string) => redact(text, secrets);
  try {
    return await settlePlan(load, { signal, mask });
  } catch (error) {
    throw error instanceof RequestProblem ? error.masked(mask) : error;
  }
}
