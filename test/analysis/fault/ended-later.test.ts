import { expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { perOutcome } from "../../../src/measure/outcome.js";
import type { PhaseRecord } from "../../../src/measure/record.js";
import { parseSlo } from "../../../src/slo/parse.js";
import { buildRecord } from "../../helpers/record-builder.js";

/** Journeys of which this share failed, by phase; and how many failed between the fault and its recovery. */
function journeys(badIn: { fault: number; recovery: number }, between: number) {
  const parsed = parseSlo("availability(saga) >= 95%");
  if (!parsed.ok) throw new Error("no SLO");
  const slos = [{ ...parsed.slo, timed: "journey" as const, phases: ["fault" as const] }];
  const sketch = (kind: "baseline" | "fault" | "recovery", share: number) => ({
    kind,
    seconds: 10,
    ...(kind === "baseline" ? {} : { fault: "slow saga" }),
    bad: { http_error: share },
  });
  const all = [sketch("baseline", 0), sketch("fault", badIn.fault), sketch("recovery", badIn.recovery)];
  const phases = { slos, ratePerS: 20, requests: ["saga"], evidence: "observed" as const };
  const record = buildRecord({ ...phases, phases: all });
  const timed = record.phases.map(
    (phase): PhaseRecord => ({ ...phase, timed: phase.requests, requests: phase.requests }),
  );
  const outcomes = { ...perOutcome(() => 0), http_error: between };
  const faults = record.faults.map((fault) => ({
    ...fault,
    around: { removal: [{ request: "saga", outcomes }] },
  }));
  const [fault] = analyse({ ...record, phases: timed, faults }).faults;
  return fault?.slos.find(({ phase }) => phase === "fault");
}

test("journeys that failed after the phase may have begun in it, so a promise on them does not pass", () => {
  expect(journeys({ fault: 0, recovery: 0.2 }, 0)).toMatchObject({
    verdict: "inconclusive",
    reason: expect.stringMatching(
      /^0 of 200 journeys that ended in this phase were bad, but so were \d+ that ended after it/,
    ),
  });
  expect(journeys({ fault: 0, recovery: 0 }, 40)?.verdict).toBe("inconclusive");
});

test("few of them change nothing, and what failed in the phase fails", () => {
  expect(journeys({ fault: 0, recovery: 0 }, 3)?.verdict).toBe("pass");
  expect(journeys({ fault: 0.5, recovery: 0.5 }, 40)?.verdict).toBe("fail");
});
