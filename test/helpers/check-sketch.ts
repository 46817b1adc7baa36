import type { CheckRecord } from "../../src/measure/checks/check-record.js";

const NONE = { count: 0, sent: [], examples: [] };

/** A check that was asked once, at the end. `broken` where it did not hold, `unasked` where it could not be asked. */
export function checkOf(name: string, result: "held" | "broken" | "unasked"): CheckRecord {
  const at = { when: "end", phase: null, fault: null, attempts: 1 } as const;
  const counts = { asked: 1, held: 0, broken: 0, unasked: 0, [result]: 1 };
  return {
    name,
    asks: "psql -tA",
    expect: "number 0",
    when: ["end"],
    withinS: 0,
    asked: [
      {
        ...at,
        ...counts,
        ...(result === "broken" ? { firstBroken: { atS: 61, reason: "expected 0, found 3" } } : {}),
        ...(result === "unasked"
          ? {
              firstUnasked: {
                atS: 61,
                why: "exit_code",
                reason: "the command exited with code 1",
                output: "",
              },
            }
          : {}),
      },
    ],
  };
}

/** A check on ids, of which `lost` were sent in a fault. null: in the baseline. */
export function idsLost(name: string, lost: number, fault: string | null): CheckRecord {
  const sent =
    lost === 0 ? [] : [{ when: fault === null ? "baseline" : "fault", fault, count: lost } as const];
  return {
    ...checkOf(name, lost === 0 ? "held" : "broken"),
    ids: {
      request: "order",
      id: "${uuid}",
      most: { lost: 0, duplicated: null, unexpected: null },
      acknowledged: 500,
      refused: 0,
      unknown: 0,
      withoutId: 0,
      stored: 500 - lost,
      thereBefore: 0,
      neverSent: 0,
      lost: { count: lost, sent: [...sent], examples: [] },
      duplicated: NONE,
      unexpected: NONE,
      recovered: NONE,
    },
  };
}
