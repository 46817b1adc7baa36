/** What became of pods, in words. */

import type { PodChangeRecord, SeenPod } from "./pod-record.js";

type Happened = PodChangeRecord["happened"];

/** "shop/cart-7d9 is ready again", "container app of shop/cart-7d9 was restarted (OOMKilled)" */
export function podSentence(
  { namespace, name }: Pick<SeenPod, "namespace" | "name">,
  happened: Happened,
): string {
  const pod = `${namespace}/${name}`;
  switch (happened.kind) {
    case "created":
      return `${pod} was created`;
    case "deleted":
      return `${pod} is being deleted`;
    case "ready":
      return `${pod} is ready${happened.isFirst ? "" : " again"}`;
    case "unready":
      return `${pod} is not ready any more`;
    case "failed":
      return `${pod} has failed (${happened.reason})`;
    case "restarted":
      return `container ${happened.container} of ${pod} was restarted${happened.times === 1 ? "" : ` ${happened.times} times`}${exitText(happened)}`;
    case "stuck": {
      const after = happened.lastEnd === null ? "" : ` after ${exitWord(happened.lastEnd)}`;
      return `container ${happened.container} of ${pod} cannot start (${happened.why}${after})`;
    }
  }
}

/** "once", "14 times" */
export function timesWord(times: number): string {
  return times === 1 ? "once" : `${times} times`;
}

interface Exit {
  readonly reason: string | null;
  readonly exitCode: number | null;
}

/** "OOMKilled", "exit code 1" */
export function exitWord({ reason, exitCode }: Exit): string {
  // These two say less than the code.
  if (reason !== null && reason !== "Error" && reason !== "Completed") return reason;
  return exitCode === null ? (reason ?? "no reason given") : `exit code ${exitCode}`;
}

function exitText(exit: Exit): string {
  return exit.reason === null && exit.exitCode === null ? "" : ` (${exitWord(exit)})`;
}
