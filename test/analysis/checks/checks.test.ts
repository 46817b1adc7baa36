import { expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import type { CheckAsks, CheckRecord } from "../../../src/measure/checks/check-record.js";
import type { IdGroup } from "../../../src/measure/checks/ids-record.js";
import { EXIT } from "../../../src/support/errors.js";
import { buildRecord } from "../../helpers/record-builder.js";

const asks = (changes: Partial<CheckAsks>): CheckAsks => ({
  when: "end",
  phase: null,
  fault: null,
  asked: 1,
  held: 0,
  broken: 0,
  unasked: 0,
  attempts: 1,
  ...changes,
});
const held = asks({ held: 1 });
const broken = asks({ broken: 1, firstBroken: { atS: 9, reason: "number: expected 0, found 3" } });
const unasked = asks({
  unasked: 1,
  firstUnasked: {
    atS: 9,
    why: "exit_code",
    reason: "the command exited with code 1",
    output: "no such table",
  },
});

const check = (name: string, ...asked: CheckAsks[]): CheckRecord => ({
  name,
  asks: "psql",
  expect: "number 0",
  when: ["end"],
  withinS: 0,
  asked,
});

/** A run whose SLO holds with a p99 of about 20 ms, and one whose does not. */
function judged(checks: readonly CheckRecord[], medianMs = 10, seconds = 30) {
  const record = buildRecord({
    ratePerS: 100,
    slos: ["p99 < 400ms"],
    phases: [
      { kind: "baseline", seconds },
      { kind: "fault", fault: "slow cache", seconds, medianMs },
    ],
  });
  return analyse({ ...record, checks });
}

test("a check that does not hold fails the run, and comes before what was slow", () => {
  const report = judged([check("stock", held), check("orders", broken)], 900);
  expect(report).toMatchObject({ verdict: "fail", exitCode: EXIT.sloBroken, reasonChecks: ["orders"] });
  expect(report.reason).toMatch(
    /^Check "orders": It does not hold at the end: number: expected 0, found 3\. In "slow cache": p99 rose/,
  );
  expect(report.reasonFaults).toEqual(["slow cache"]);
  expect(report.checks?.map(({ name, verdict }) => [name, verdict])).toEqual([
    ["stock", "pass"],
    ["orders", "fail"],
  ]);
});

test("a check that could not be asked is invalid, and never a pass", () => {
  const report = judged([check("orders", held, unasked)]);
  expect(report).toMatchObject({ verdict: "invalid", exitCode: EXIT.undecided });
  expect(report.reason).toContain(
    'Check "orders": It could not be asked at the end: the command exited with code 1.',
  );
});

test("what broke is more than what could not be asked, of a check and of a run", () => {
  expect(judged([check("orders", unasked, broken)]).checks?.[0]?.verdict).toBe("fail");
  const report = judged([check("orders", unasked)], 900);
  expect(report).toMatchObject({ verdict: "fail", exitCode: EXIT.sloBroken });
  expect(report.reason).toMatch(/^In "slow cache": .*Check "orders": It could not be asked/);
});

test("checks that held are told in a pass, and a check that was never asked is not run", () => {
  const report = judged([
    check("stock", held),
    check("orders", asks({ when: "fault", fault: "slow cache", asked: 5, held: 5 })),
  ]);
  expect(report).toMatchObject({ verdict: "pass", exitCode: EXIT.ok });
  expect(report.reason).toMatch(/ All 2 checks held\.$/);
  expect(report.checks?.[1]?.reason).toBe("It held all 5 times.");
  expect(judged([check("stock")]).checks?.[0]?.verdict).toBe("not_run");
});

test("what is lost is told also where the baseline did not hold", () => {
  const record = buildRecord({
    ratePerS: 100,
    slos: ["p99 < 400ms"],
    phases: [
      { kind: "baseline", seconds: 30, medianMs: 900 },
      { kind: "fault", fault: "slow cache", seconds: 30 },
    ],
  });
  const report = analyse({ ...record, checks: [check("orders", broken)] });
  expect(report).toMatchObject({ verdict: "fail", exitCode: EXIT.sloBroken });
  expect(report.reason).toMatch(
    /^Check "orders": It does not hold at the end: .* The baseline itself does not hold/,
  );
});

test("where and how often it did not hold is told", () => {
  const inFault = { ...broken, when: "fault", fault: "slow cache", asked: 8, held: 5, broken: 3 } as const;
  const back = { ...broken, when: "recovery", fault: "slow cache" } as const;
  expect(judged([check("orders", inFault, back, broken)]).checks?.[0]?.reason).toBe(
    'It does not hold in "slow cache" (3 of 8 answers): number: expected 0, found 3. Nor does it hold in the recovery from "slow cache" and at the end.',
  );
});

const SLOW = { when: "fault", fault: "slow cache" } as const;

test("a fault in which a check broke has failed, although its SLOs held; at the end it is no single fault's doing", () => {
  const report = judged([check("orders", { ...broken, ...SLOW })]);
  expect(report.faults[0]).toMatchObject({
    verdict: "fail",
    reason: 'In it "orders" does not hold: number: expected 0, found 3.',
    slos: [{ verdict: "pass" }],
  });
  expect(judged([check("orders", broken)]).faults[0]?.verdict).toBe("pass");
  expect(judged([check("orders", { ...unasked, ...SLOW })]).faults[0]?.verdict).toBe("pass");
});

test("ids fail the fault in which they were sent, where the check limits what became of them", () => {
  const none: IdGroup = { count: 0, sent: [], examples: [] };
  const some: IdGroup = { count: 3, sent: [{ ...SLOW, count: 3 }], examples: [] };
  const ids = {
    request: "order",
    id: "${uuid}",
    most: { lost: 0, duplicated: 5, unexpected: null },
    ...{ acknowledged: 9, refused: 0, unknown: 0, withoutId: 0, stored: 9, thereBefore: 0, neverSent: 0 },
    ...{ lost: none, duplicated: none, unexpected: none, recovered: none },
  };
  const verdict = (changes: Partial<typeof ids>) =>
    judged([{ ...check("orders", broken), ids: { ...ids, ...changes } }]).faults[0];
  expect(verdict({ lost: some })).toMatchObject({
    verdict: "fail",
    reason: expect.stringContaining("3 lost"),
  });
  for (const kind of ["duplicated", "unexpected"]) {
    const fault = verdict({ [kind]: some });
    expect(fault).toMatchObject({ verdict: "pass" });
    expect(fault?.findings[0]).toContain(`3 ${kind}`);
  }
});

test("a fault that stands between the sending and the loss does not pass, and none before it is blamed", () => {
  const record = buildRecord({
    ratePerS: 100,
    slos: ["p99 < 400ms"],
    phases: [
      { kind: "baseline", seconds: 30 },
      { kind: "fault", fault: "slow cache", seconds: 30 },
      { kind: "fault", fault: "store dies", seconds: 30 },
    ],
  });
  const none: IdGroup = { count: 0, sent: [], examples: [] };
  const lostOf = (...sent: IdGroup["sent"]) => {
    const ids = {
      request: "order",
      id: "${uuid}",
      most: { lost: 0, duplicated: 0, unexpected: null },
      ...{ acknowledged: 9, refused: 0, unknown: 0, withoutId: 0, stored: 9, thereBefore: 0, neverSent: 0 },
      ...{ duplicated: none, unexpected: none, recovered: none },
      lost: { count: 3, sent, examples: [] },
    };
    const { verdict, faults } = analyse({ ...record, checks: [{ ...check("orders", broken), ids }] });
    expect(verdict).toBe("fail");
    return faults.map(({ verdict, reason }) => [verdict, reason]);
  };
  const [slow, dies] = lostOf({ when: "recovery", fault: "slow cache", count: 3 });
  expect(slow).toEqual([
    "inconclusive",
    expect.stringContaining("3 sent after it and before the next one are lost"),
  ]);
  expect(dies).toEqual(["inconclusive", expect.stringContaining("3 sent before this fault are lost")]);
  const both = lostOf({ when: "baseline", fault: null, count: 3 });
  expect(both.map(([verdict]) => verdict)).toEqual(["inconclusive", "inconclusive"]);
  const own = lostOf({ when: "recovery", fault: "store dies", count: 3 });
  expect(own.map(([verdict]) => verdict)).toEqual(["pass", "fail"]);
});

test("a headline on lost ids is brief: most of them, no example, and SLOs in a few words", () => {
  const lost: IdGroup = {
    count: 12,
    sent: [
      { when: "recovery", fault: "slow cache", count: 3 },
      { ...SLOW, count: 9 },
    ],
    examples: [{ id: "a1b2", sentAtS: 42, ...SLOW, fate: "acknowledged", times: 0 }],
  };
  const none: IdGroup = { count: 0, sent: [], examples: [] };
  const ids = {
    request: "order",
    id: "${uuid}",
    most: { lost: 0, duplicated: 0, unexpected: null },
    ...{ acknowledged: 3000, refused: 0, unknown: 7, withoutId: 0, stored: 9, thereBefore: 0, neverSent: 0 },
    ...{ lost, duplicated: { ...none, count: 4 }, unexpected: none, recovered: none },
  };
  const { reason, checks, reasonFaults } = judged([{ ...check("orders", broken), ids }], 900);
  expect(reason).toBe(
    'Check "orders": 12 of 3,000 acknowledged "order" requests are lost, 9 of them sent in "slow cache"; 4 there more often than sent. SLOs are broken, too.',
  );
  // The fault tells its own story.
  expect(reasonFaults).toEqual([]);
  expect(checks?.[0]?.reason).toContain("such as a1b2, sent at 0:42");
});
