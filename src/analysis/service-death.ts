import type { RunRecord } from "../measure/record.js";
import { faultAtEnd } from "./fault-at-end.js";
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
  const fault = faultAtEnd(faults, ending.atS);
  if (fault === null) return null;
  const when = fault.into === null ? "in the recovery from it" : `${fault.into} into it`;
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
