import type { FaultAction } from "../../fault-action.js";
import { exactMs } from "../../toxic.js";
import { type GrpcRule, grpcRuleOf } from "./grpc-rule.js";

/** "UNAVAILABLE for 30% of calls of shop.Quotes/Get on quotes", of each action. */
export function describeGrpc(actions: readonly FaultAction[]): string {
  return actions
    .map((action) => {
      const rule = grpcRuleOf(action);
      const what = rule === null ? action.kind : `${whatIsDone(rule)} ${toWhich(rule)}`;
      return `${what} on ${action.target}`;
    })
    .join(", ");
}

function whatIsDone(rule: GrpcRule): string {
  const { delayMs, jitterMs = 0, before, status, message, trailers = {}, cutAfter } = rule;
  const jitter = jitterMs > 0 ? ` ± ${exactMs(jitterMs)}` : "";
  const said = [
    ...(message === undefined ? [] : [JSON.stringify(message)]),
    ...Object.entries(trailers).map(([name, value]) => `${name}: ${value}`),
  ];
  const parts = [
    delayMs === undefined
      ? ""
      : `${before === "answer" ? "answer" : "call"} held for ${exactMs(delayMs)}${jitter}`,
    status === undefined ? "" : `${status}${said.length > 0 ? ` (${said.join(", ")})` : ""}`,
    cutAfter === undefined ? "" : `answer cut off ${cutPlace(cutAfter)}`,
  ];
  return parts.filter((part) => part !== "").join(" and ");
}

function cutPlace(messages: number): string {
  if (messages === 0) return "within its first message";
  return `after ${messages === 1 ? "a message" : `${messages} messages`}`;
}

function toWhich(rule: GrpcRule): string {
  const { share, first, every, abovePerS } = rule;
  const wanted = `calls${matching(rule)}`;
  if (share !== undefined) return `for ${Number((share * 100).toPrecision(6))}% of ${wanted}`;
  if (first !== undefined) return `for the first ${first} ${wanted}`;
  if (every !== undefined) return `for one in ${every} ${wanted}`;
  if (abovePerS !== undefined) return `for ${wanted} above ${Number(abovePerS.toPrecision(6))}/s`;
  return `for all ${wanted}`;
}

/** " of shop.Quotes/Get with x-tenant: acme" */
function matching({ method, metadata = {} }: GrpcRule): string {
  const named = Object.entries(metadata).map(([name, value]) => `${name}: ${value}`);
  return `${method === undefined ? "" : ` of ${method}`}${named.length > 0 ? ` with ${named.join(", ")}` : ""}`;
}
