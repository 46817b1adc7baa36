import { expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import type { MachineUse } from "../../../src/measure/record.js";
import { buildRecord, type PhaseSketch } from "../../helpers/record-builder.js";

const BUSY: MachineUse = { busy: 0.971, stolen: 0.012 };
const STOLEN: MachineUse = { busy: 0.4, stolen: 0.08 };

function record(during: Partial<PhaseSketch>, before: Partial<PhaseSketch> = {}) {
  return buildRecord({
    slos: ["availability >= 99%"],
    evidence: "observed",
    phases: [
      { kind: "baseline", seconds: 10, ...before },
      { kind: "fault", fault: "slow", seconds: 10, ...during },
      { kind: "recovery", fault: "slow", seconds: 10 },
    ],
  });
}

function findings(of: ReturnType<typeof record>): string {
  return analyse(of).faults[0]!.findings.join("\n");
}

test.each([
  [
    BUSY,
    "The machine was 97.1% busy. The service and the load generator shared it: slowness may be the machine's.",
  ],
  [
    STOLEN,
    "The machine had 8% of its CPU time given to others by its host. The service and the load generator shared it: slowness may be the machine's.",
  ],
])("a broken SLO on a saturated machine says so (%o)", (machine, sentence) => {
  expect(findings(record({ machine, bad: { timeout: 0.3 } }))).toContain(sentence);
  expect(findings(record({ machine, lagMs: 400 }))).toContain(sentence);
});

test.each([
  ["the SLO held", { machine: BUSY }],
  ["the machine had room", { machine: { busy: 0.89, stolen: 0.049 }, bad: { timeout: 0.3 } }],
  ["what broke it takes no time", { machine: BUSY, bad: { reset: 0.3 } }],
  ["nothing is known of it", { bad: { timeout: 0.3 } }],
])("nothing is said where %s", (_, during) => {
  expect(findings(record(during))).not.toMatch(/machine/);
});

test("a target elsewhere does not share the machine", () => {
  const local = record({ machine: BUSY, bad: { timeout: 0.3 } });
  const remote = { ...local, load: { ...local.load, targetUrl: "http://shop.example.com" } };
  expect(findings(remote)).toContain(
    "The machine was 97.1% busy. It is the load generator's machine: slowness may be that machine's.",
  );
});

test("a generator that was late says it of the machine, and so does a baseline that does not hold", () => {
  const late = analyse(record({ machine: BUSY, bad: { timeout: 0.3 }, lagMs: 400 }));
  expect(late.faults[0]?.reason).toMatch(
    /own lateness decides this one: .*\. The machine was 97\.1% busy\.$/,
  );
  expect(analyse(record({}, { machine: BUSY, bad: { timeout: 0.3 } })).reason).toMatch(
    /The baseline itself does not hold.* shared it: slowness may be the machine's\.$/,
  );
});

test("who had the machine is named, where that is known", () => {
  const column = (share: number) => Array.from({ length: 10 }, () => share);
  const seconds = {
    system: column(0.2),
    strangers: column(1.6),
    own: column(0.2),
    stolen: column(0),
    throttled: column(0),
    systemAtMost: column(0.1),
  };
  const said = findings(record({ machine: { busy: 1, stolen: 0, seconds }, bad: { timeout: 0.3 } }));
  expect(said).toContain(
    "Other programs had 80% of the machine's time, the service 10%, faultline 10%. The service and the load generator shared it",
  );
  expect(said).not.toContain("busy");
});

test("each phase of report.json has the machine's use", () => {
  expect(analyse(record({ machine: BUSY })).phases.map(({ machine }) => machine)).toEqual([null, BUSY, null]);
});
