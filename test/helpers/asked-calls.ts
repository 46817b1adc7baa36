import { completeCalls } from "../../src/load/grpc/reflection/complete-calls.js";
import { RequestProblem } from "../../src/load/request-problem.js";
import type { LoadPlan } from "../../src/plan/load-plan.js";
import type { AskedCall, GrpcRequest } from "../../src/requests/grpc/grpc-request.js";
import { isGrpcRequest } from "../../src/requests/grpc/grpc-request.js";
import type { PlannedRequest } from "../../src/requests/planned-request.js";
import { loadPlan, openModel } from "./load-plans.js";

type Said = AskedCall["asks"]["said"];

/** A call of shop.Quotes/Get that names no file, with what a test wants otherwise. */
export function askedCall(
  grpc: Partial<Said["grpc"]> = {},
  {
    name = "quote",
    common = {},
    ...said
  }: Partial<Said> & { name?: string; common?: Record<string, string> } = {},
): AskedCall & { readonly weight: number } {
  const all: Said = { grpc: { method: "shop.Quotes/Get", message: { sku: "A1" }, ...grpc }, ...said };
  return { name, kind: "grpc", asks: { said: all, common }, weight: 1 };
}

export function planOf(
  url: string,
  calls: readonly (AskedCall & { readonly weight: number })[],
  changes: Partial<LoadPlan> = {},
): LoadPlan {
  const mix = { kind: "requests", requests: calls } as const;
  return loadPlan(url, openModel(100, 5), { mix, pipelining: 100, protocol: "h2", ...changes });
}

/** The calls as they are sent. */
export async function completed(plan: LoadPlan, withinMs?: number): Promise<readonly GrpcRequest[]> {
  const { mix } = await completeCalls(plan, { withinMs });
  const requests: readonly PlannedRequest[] = mix.kind === "requests" ? mix.requests : [];
  return requests.filter(isGrpcRequest);
}

/** Why a plan is not sent. @throws Error when it is. */
export async function problemOf(plan: LoadPlan, withinMs?: number): Promise<RequestProblem> {
  const error: unknown = await completeCalls(plan, { withinMs }).then(
    () => new Error("it was completed"),
    (failure: unknown) => failure,
  );
  if (error instanceof RequestProblem) return error;
  throw error;
}
