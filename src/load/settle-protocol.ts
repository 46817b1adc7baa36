import { requestKinds } from "../plan/load-mix.js";
import type { LoadPlan } from "../plan/load-plan.js";
import { usualStreams } from "../plan/streams-at-once.js";
import { requestKindNamed } from "../requests/kinds.js";
import { prefersHttp2 } from "./http/version-probe.js";

/** Asks the target which version of HTTP it speaks, where the plan leaves that to it. */
export async function settleProtocol(plan: LoadPlan): Promise<LoadPlan> {
  if (plan.protocol !== "auto") return plan;
  const isHttp2 = !needsHttp1(plan) && plan.target.tls !== null && (await prefersHttp2(plan.target));
  return isHttp2
    ? { ...plan, protocol: "h2", pipelining: usualStreams(plan.model) }
    : { ...plan, protocol: "http1" };
}

/** WebSocket begins as HTTP/1.1. */
function needsHttp1({ mix }: LoadPlan): boolean {
  return requestKinds(mix).some((kind) => requestKindNamed(kind).needsHttp1);
}
