import type { CheckSpec } from "../plan/checks/check-spec.js";
import { type AskContext, askForText } from "../support/outside/ask-command.js";
import { askHttp } from "./ask-http.js";
import type { Asked } from "./asked.js";

/** An answer that is no set of ids is small. */
const MOST_BYTES = 1_000_000;

/** Asks once. Never rejects: whoever cannot be asked is a result, too. */
export async function ask(
  { ask: whom }: Pick<CheckSpec, "ask">,
  context: AskContext,
  mostBytes = MOST_BYTES,
): Promise<Asked> {
  if (whom.kind === "http") return await askHttp(whom, mostBytes, context);
  const { end, body } = await askForText(whom, mostBytes, context);
  return end.kind === "unasked" ? end : { ...end, status: null, body };
}
