import type { CheckSpec, IdSetSpec } from "../../plan/checks/check-spec.js";
import { type AskContext, askCommand } from "../../support/outside/ask-command.js";
import { askHttp } from "../ask-http.js";
import type { Asked, Unasked, WhyUnasked } from "../asked.js";
import { FoundIds, MOST_JSON_BYTES, NoIds } from "./found-ids.js";

/** A list of ids was read. */
export interface ReadIds {
  readonly kind: "read";
  /** With those that are there twice. */
  readonly count: number;
  /** There was no answer at all, not even an empty list. */
  readonly isSilent: boolean;
  readonly output: string;
}

/** Asks once, and hands over each id in the answer. Never rejects: whoever cannot be asked is a result, too. */
export async function askIds(
  { ask }: Pick<CheckSpec, "ask">,
  set: Pick<IdSetSpec, "list" | "each">,
  take: (id: string) => void,
  context: AskContext,
): Promise<Unasked | ReadIds> {
  // The scenario's checks refuse it.
  if (ask.kind === "kubernetes") throw new Error("an object of a cluster is no set of ids");
  const found = new FoundIds(set, take);
  const asked =
    ask.kind === "http"
      ? readBody(await askHttp(ask, MOST_JSON_BYTES, context), found)
      : await askCommand(ask, (part) => found.add(part), context);
  const { output } = asked;
  if (asked.kind === "unasked" && asked.why !== "too_much") return asked;
  const status = "status" in asked ? asked.status : null;
  if (asked.kind === "answer" && asked.exitCode !== null && asked.exitCode !== 0) {
    return unasked("exit_code", `the command exited with code ${asked.exitCode}`, output);
  }
  if (status !== null && (status < 200 || status > 299)) {
    return unasked("status", `the answer has status ${status}`, output);
  }
  try {
    found.end();
  } catch (error) {
    if (error instanceof NoIds) return unasked(error.why, error.message, output);
    throw error;
  }
  return asked.kind === "unasked"
    ? asked
    : { kind: "read", count: found.count, isSilent: found.isSilent, output };
}

function readBody(asked: Asked, found: FoundIds): Asked {
  if (asked.kind === "answer") found.add(asked.body);
  return asked;
}

function unasked(why: WhyUnasked, reason: string, output: string): Unasked {
  return { kind: "unasked", why, reason, output };
}
