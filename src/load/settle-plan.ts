import type { LoadPlan } from "../plan/load-plan.js";
import type { CompleteOptions, Protocol } from "./protocol.js";
import { PROTOCOLS, protocolFor } from "./protocols.js";
import { settleProtocol } from "./settle-protocol.js";

/**
 * Asks the target for all that the plan leaves to it. A plan that leaves it nothing stays as it is.
 * @throws FaultlineError: no protocol sends the plan; RequestProblem.
 */
export async function settlePlan(
  plan: LoadPlan,
  options: CompleteOptions,
  protocols: readonly Protocol[] = PROTOCOLS,
): Promise<LoadPlan> {
  const settled = await settleProtocol(plan);
  return (await protocolFor(settled, protocols).complete?.(settled, options)) ?? settled;
}
