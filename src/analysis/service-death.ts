import type { RunRecord } from "../measure/record.js";
import { formatSeconds } from "../support/format.js";
import { sentence } from "./wording.js";

export interface ServiceDeath {
  /** In place when it died, or the last one that was. */
  readonly fault: string;
  /** What died, when, and what it said to that. */
  readonly reason: string;
}

/** The line of a stack trace or a crash report that says what happened. */
const TELLING = /\b(?:\w*error|\w*exception|panic|fatal|abort\w*|out of memory)\b/i;
const LONGEST_QUOTE = 120;

/**
 * A service that ended by itself after a fault was injected: what the run was made to find, not a failure of the
 * environment. null: none did.
 */
export function serviceDeath({ ending, faults }: RunRecord): ServiceDeath | null {
  if (ending.kind !== "failed" || ending.code !== "SERVICE_FAILED") return null;
  const fault = faults.findLast(({ injectedAtS }) => injectedAtS !== null && injectedAtS <= ending.atS);
  if (fault === undefined || fault.injectedAtS === null) return null;
  // What ends a run takes its fault out as well: a little later is still while it was in place.
  const inPlace = fault.removedAtS === null || fault.removedAtS >= ending.atS - 1;
  const intoIt = Math.round((ending.atS - fault.injectedAtS) * 10) / 10;
  const when = inPlace ? `${formatSeconds(intoIt)} into it` : "in the recovery from it";
  const [head = "", ...lines] = ending.reason.split("\n");
  const [what = ""] = head.split(" after it was ready");
  return {
    fault: fault.name,
    reason: `${sentence(`${what.replace(/^s/, "S")}, ${when}`)}${quoteOf(lines)}`,
  };
}

function quoteOf(output: readonly string[]): string {
  // As the runner quotes them.
  const lines = output.map((line) => line.replace(/^ *\| ?/, "").trim());
  const telling = lines.find((line) => TELLING.test(line) && !line.startsWith("throw ")) ?? lines.at(-1);
  if (!telling) return "";
  return ` It said "${telling.length > LONGEST_QUOTE ? `${telling.slice(0, LONGEST_QUOTE - 1)}…` : telling}".`;
}
