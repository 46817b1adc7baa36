import type { HttpAsk } from "../plan/checks/check-spec.js";
import type { AskContext } from "../support/outside/ask-command.js";
import { type BoundedAnswer, boundedRequest, NoAnswer } from "../support/outside/bounded-request.js";
import { saidIn } from "../support/secrets/said.js";
import type { Asked } from "./asked.js";

/** Of an answer that says nothing that is understood. Secrets are taken out before it is cut to them. */
const SHOWN_CHARACTERS = 2_000;
/** Enough for the characters that `saidIn` keeps. */
const KEPT_BYTES = 100_000;

/** Asks by GET. */
export async function askHttp(
  { url, headers, tls }: HttpAsk,
  mostBytes: number,
  { timeoutMs, signal }: Pick<AskContext, "timeoutMs" | "signal">,
): Promise<Asked> {
  let answer: BoundedAnswer;
  try {
    answer = await boundedRequest(url, { method: "GET", headers, tls, timeoutMs, mostBytes, signal });
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return { kind: "unasked", why: "no_answer", reason: `there was no answer: ${error.message}`, output: "" };
  }
  const output = saidIn(answer.body.toString("utf8", 0, KEPT_BYTES), SHOWN_CHARACTERS);
  if (answer.isCut)
    return { kind: "unasked", why: "too_much", reason: "the answer is longer than is read", output };
  return { kind: "answer", exitCode: null, status: answer.status, body: answer.body, output };
}
