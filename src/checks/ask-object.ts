import type { Cluster } from "../kubernetes/cluster.js";
import { placeInWords } from "../kubernetes/objects.js";
import type { ObjectAsk } from "../plan/checks/check-spec.js";
import { messageOf } from "../support/errors.js";
import type { AskContext } from "../support/outside/ask-command.js";
import type { Asked, MissingObject } from "./asked.js";

/** Reads an object of a cluster. What it holds is in no output: only what a path names is told. */
export async function askObject(
  { object: { kind, namespace, name } }: ObjectAsk,
  cluster: Cluster,
  mostBytes: number,
  { timeoutMs, signal }: Pick<AskContext, "timeoutMs" | "signal">,
): Promise<Asked | MissingObject> {
  const place = { kind, namespace, name: name ?? "" };
  const late = AbortSignal.timeout(timeoutMs);
  let body: Buffer;
  try {
    const found = await cluster.get(place, { timeoutMs, signal: AbortSignal.any([signal, late]) });
    if (found === null) return { kind: "missing", reason: `there is no ${placeInWords(place)}`, output: "" };
    body = Buffer.from(JSON.stringify(found));
  } catch (error) {
    const reason = late.aborted
      ? `the cluster did not answer within ${timeoutMs / 1000} s`
      : `there was no answer: ${messageOf(error)}`;
    return { kind: "unasked", why: late.aborted ? "late" : "no_answer", reason, output: "" };
  }
  if (body.length > mostBytes)
    return { kind: "unasked", why: "too_much", reason: "the answer is longer than is read", output: "" };
  return { kind: "answer", exitCode: null, status: null, body, output: "" };
}
