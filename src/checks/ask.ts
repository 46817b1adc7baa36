import type { Cluster } from "../kubernetes/cluster.js";
import type { CheckSpec } from "../plan/checks/check-spec.js";
import { type AskContext, askForText } from "../support/outside/ask-command.js";
import { askHttp } from "./ask-http.js";
import type { Asked, MissingObject } from "./asked.js";

/** An answer that is no set of ids is small. */
const MOST_BYTES = 1_000_000;

const OF_STATUS = /^\$(?:\.status\b|\[["']status["']\])/;

export interface AskCheckContext extends AskContext {
  /** null or missing: no check asks one. */
  readonly cluster?: Cluster | null;
}

/** Asks once. Never rejects: whoever cannot be asked is a result, too. */
export async function ask(
  { ask: whom, expect = null }: Pick<CheckSpec, "ask"> & Partial<Pick<CheckSpec, "expect">>,
  context: AskCheckContext,
  mostBytes = MOST_BYTES,
): Promise<Asked | MissingObject> {
  switch (whom.kind) {
    case "http":
      return askHttp(whom, mostBytes, context);
    case "command": {
      const { end, body } = await askForText(whom, mostBytes, context);
      return end.kind === "unasked" ? end : { ...end, status: null, body };
    }
    case "kubernetes": {
      if (!context.cluster) throw new Error("no cluster was opened for the checks");
      const { askObject } = await import("./ask-object.js");
      const isOfStatus = Object.keys(expect?.json ?? {}).some((path) => OF_STATUS.test(path));
      return askObject(whom, context.cluster, mostBytes, { ...context, isOfStatus });
    }
  }
}
