import type { Cluster } from "../kubernetes/cluster.js";
import { namespaceSeen } from "../kubernetes/namespaces.js";
import { type ClusterObject, numberAt, placeInWords } from "../kubernetes/objects.js";
import { withZeros } from "../kubernetes/references/left-out-zeros.js";
import type { ObjectAsk } from "../plan/checks/check-spec.js";
import { sleep } from "../support/clock.js";
import { messageOf } from "../support/errors.js";
import type { AskContext } from "../support/outside/ask-command.js";
import type { Asked, MissingObject } from "./asked.js";

interface How extends Pick<AskContext, "timeoutMs" | "signal"> {
  /** Whether the status is looked at. One that is about an older spec is read again until the time is over. */
  readonly isOfStatus: boolean;
}

const PAUSE_MS = 200;

/** Reads an object of a cluster. What it holds is in no output: only what a path names is told. */
export async function askObject(
  { object: { kind, namespace, name } }: ObjectAsk,
  cluster: Cluster,
  mostBytes: number,
  { timeoutMs, signal, isOfStatus }: How,
): Promise<Asked | MissingObject> {
  const place = { kind, namespace, name: name ?? "" };
  const late = AbortSignal.timeout(timeoutMs);
  const sent = { timeoutMs, signal: AbortSignal.any([signal, late]) };
  let isOld = false;
  let body: Buffer;
  try {
    for (;;) {
      const found = await cluster.get(place, sent);
      if (found === null) {
        const isThere = (await namespaceSeen(cluster, namespace, sent)) !== "missing";
        const reason = `there is no ${isThere ? placeInWords(place) : `namespace "${namespace}"`}`;
        return { kind: "missing", reason, output: "" };
      }
      isOld = isOfStatus && isOlder(found);
      body = Buffer.from(JSON.stringify(withZeros(kind, found)));
      if (!isOld) break;
      await sleep(PAUSE_MS, sent.signal);
    }
  } catch (error) {
    const words = isOld
      ? `its controller did not see its newest change within ${timeoutMs / 1000} s`
      : `the cluster did not answer within ${timeoutMs / 1000} s`;
    const reason = late.aborted ? words : `there was no answer: ${messageOf(error)}`;
    return { kind: "unasked", why: late.aborted ? "late" : "no_answer", reason, output: "" };
  }
  if (body.length > mostBytes)
    return { kind: "unasked", why: "too_much", reason: "the answer is longer than is read", output: "" };
  return { kind: "answer", exitCode: null, status: null, body, output: "" };
}

/** Whether its controller says that its status is about an older spec. Many kinds say nothing of it. */
function isOlder(object: ClusterObject): boolean {
  const observed = numberAt(object, "status", "observedGeneration");
  return observed !== undefined && observed < (object.metadata.generation ?? 0);
}
