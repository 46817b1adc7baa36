import { expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import type { FaultReport } from "../../../src/analysis/document/report.js";
import { pageData } from "../../../src/report/html/page-data.js";
import { type AlertState, numberOfState } from "../../../src/slo/alert-state.js";
import { HEALTHY, recordWithSignals, type Told } from "../../helpers/signal-records.js";

const FAULT = "slow cache";
type States = (second: number) => AlertState;
const quiet: States = () => "quiet";

interface Drill {
  readonly fault?: States;
  readonly recovery?: States;
  /** Share of requests that fail in the fault. */
  readonly bad?: number;
  readonly slos?: readonly string[];
  /** SLOs about the load. */
  readonly others?: readonly string[];
  readonly troubles?: Told["troubles"];
}

const told = (states: States, troubles: Told["troubles"] = []): Told => ({
  ...HEALTHY,
  troubles,
  values: (at) => numberOfState(states(at)),
});

function recordOf({
  fault = quiet,
  recovery = quiet,
  bad = 0.4,
  slos = ["alert(Down) fires < 20s"],
  others = ["availability >= 90%"],
  troubles,
}: Drill) {
  const record = recordWithSignals(
    {
      ratePerS: 50,
      slos: [...others, ...slos],
      phases: [
        { kind: "baseline", seconds: 40 },
        { kind: "fault", fault: FAULT, seconds: 40, bad: { reset: bad } },
        { kind: "recovery", fault: FAULT, seconds: 40 },
      ],
    },
    {
      baseline: { "alert Down": told(quiet) },
      fault: { "alert Down": told(fault, troubles) },
      recovery: { "alert Down": told(recovery) },
    },
  );
  return {
    ...record,
    phases: record.phases.map((phase) => ({
      ...phase,
      signals: phase.signals?.map((signal) => ({ ...signal, alert: "Down" })),
    })),
  };
}

function drilled(drill: Drill): { readonly fault: FaultReport; readonly row: FaultReport["slos"][number] } {
  const [fault] = analyse(recordOf(drill)).faults;
  const row = fault?.slos.find(({ expect: slo }) => slo.startsWith("alert"));
  if (!fault || !row) throw new Error("nothing was judged");
  return { fault, row };
}

const from =
  (second: number, state: AlertState = "firing"): States =>
  (at) =>
    at >= second ? state : "quiet";

test("users were hurt: an alert in time passes, one that is late or never comes fails the fault", () => {
  const inTime = drilled({ fault: from(5) });
  expect(inTime.row).toMatchObject({ verdict: "pass", unit: "s", censored: false });
  expect(Number(inTime.row.observed)).toBeGreaterThanOrEqual(5);
  expect(Number(inTime.row.observed)).toBeLessThanOrEqual(8);
  expect(inTime.fault.findingIds).not.toContain("nobody_paged");
  expect(drilled({ fault: from(30) }).row.verdict).toBe("fail");
  const never = drilled({});
  expect(never.row).toMatchObject({ verdict: "fail", censored: true });
  expect(never.row.reason).toMatch(/Users were hurt, and "Down" did not fire within 4\d s/);
  expect(never.fault.findings.join("\n")).toContain(
    'Nobody was paged: users were hurt, and "Down" did not fire.',
  );
});

test("an alert that is silenced or inhibited paged nobody, and the report says which", () => {
  for (const state of ["silenced", "inhibited"] as const) {
    const { row } = drilled({ fault: from(3, state) });
    expect(row.verdict).toBe("fail");
    expect(row.reason).toContain(`"Down" paged nobody: it was ${state}`);
  }
});

test("a fault that is shorter than the alert may take shows nothing", () => {
  const { row } = drilled({ slos: ["alert(Down) fires < 5m"] });
  expect(row).toMatchObject({ verdict: "inconclusive", censored: true });
});

test("while every SLO holds nobody has to be paged; a page is a false alarm", () => {
  const calm = drilled({ bad: 0 });
  expect(calm.row.verdict).toBe("pass");
  expect(calm.row.reason).toContain("nobody had to be paged");
  expect(calm.fault.verdict).toBe("pass");
  const alarm = drilled({ bad: 0, fault: from(5) });
  expect(alarm.row.verdict).toBe("pass");
  expect(alarm.fault.findings.join("\n")).toContain('False alarm: "Down" fired, and every SLO held.');
});

test("without an SLO on users the alert has to fire, and nobody says that SLOs held", () => {
  const never = drilled({ bad: 0, others: [] });
  expect(never.row.verdict).toBe("fail");
  expect(never.row.reason).toMatch(/^"Down" did not fire within 4\d s\.$/);
  const fired = drilled({ bad: 0, others: [], fault: from(5) });
  expect(fired.row).toMatchObject({ verdict: "pass", reason: expect.not.stringContaining("every SLO held") });
  expect(drilled({ others: [], fault: from(30) }).row.verdict).toBe("fail");
});

test("an alert that fired before, or could not be watched, says nothing", () => {
  expect(drilled({ fault: () => "firing" }).row).toMatchObject({
    verdict: "invalid",
    reason: expect.stringContaining("fired already when the fault began"),
  });
  const { row, fault } = drilled({ troubles: [{ id: "no_rule", facts: { alert: "Down" } }] });
  expect(row).toMatchObject({ verdict: "invalid", reason: 'The server has no rule for an alert "Down".' });
  expect(fault.findingIds).not.toContain("nobody_paged");
});

test("resolving counts from the fault's removal, to the last time that it fired", () => {
  const slos = ["alert(Down) resolves < 15s"];
  const resolved = drilled({ slos, fault: from(3), recovery: (at) => (at < 8 ? "firing" : "quiet") });
  expect(resolved.row).toMatchObject({ phase: "recovery", verdict: "pass" });
  expect(Number(resolved.row.observed)).toBeGreaterThanOrEqual(8);
  expect(Number(resolved.row.observed)).toBeLessThanOrEqual(11);
  const again = drilled({
    slos,
    fault: from(3),
    recovery: (at) => (at < 5 || at === 20 ? "firing" : "quiet"),
  });
  expect(again.row.verdict).toBe("fail");
  const still = drilled({ slos, fault: from(3), recovery: () => "firing" });
  expect(still.row).toMatchObject({ verdict: "fail", censored: true });
  expect(drilled({ slos }).row).toMatchObject({ verdict: "pass", observed: null });
  // It says nothing of how the system itself recovered.
  expect(still.fault.recovery.censored).toBe(false);
});

test("the chart of an alert shows its states", () => {
  const record = recordOf({ fault: from(5) });
  const [chart] = pageData(analyse(record), record).signals;
  expect(chart).toMatchObject({ name: "alert Down", unit: "state" });
  expect(new Set(chart?.values)).toEqual(new Set([0, 2]));
});
