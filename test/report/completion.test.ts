import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import type { CompletedSecond } from "../../src/measure/checks/completions-record.js";
import type { RunRecord } from "../../src/measure/record.js";
import { renderTerminal } from "../../src/report/terminal/terminal.js";
import { buildRecord } from "../helpers/record-builder.js";
import { reporterNamed } from "../helpers/reporters.js";

/** Each second's 100 orders were there after a time between these. */
const TIMES: Readonly<Record<string, readonly [fromMs: number, toMs: number]>> = {
  baseline: [200, 400],
  fault: [2200, 2600],
  recovery: [0, 500],
};
const NAME = "every order is stored once";
const none = { count: 0, sent: [], examples: [] };

function recordOf(never: number): RunRecord {
  const record = buildRecord({
    ratePerS: 100,
    slos: ["p99 < 400ms", "completion(order) p95 < 1s"],
    phases: [
      { kind: "baseline", seconds: 40 },
      { kind: "fault", fault: "slow worker", seconds: 40 },
      { kind: "recovery", fault: "slow worker", seconds: 40 },
    ],
  });
  const second = (kind: string): CompletedSecond => {
    const [fromMs, toMs] = TIMES[kind] ?? [0, 0];
    return {
      fromMs: [fromMs],
      toMs: [toMs],
      count: [100 - never],
      ...(kind === "fault" && never > 0 ? { never } : {}),
    };
  };
  return {
    ...record,
    phases: record.phases.map((phase) => ({
      ...phase,
      completions: [
        { check: NAME, request: "order", seconds: phase.all.scheduled.map(() => second(phase.kind)) },
      ],
    })),
    checks: [
      {
        name: NAME,
        asks: "psql -tA",
        expect: "order: lost 0",
        when: ["end"],
        withinS: 10,
        asked: [
          { when: "end", phase: null, fault: null, asked: 1, held: 1, broken: 0, unasked: 0, attempts: 2 },
        ],
        ids: {
          request: "order",
          id: "${uuid}",
          most: { lost: 0, duplicated: null, unexpected: null },
          ...{ acknowledged: 12_000, refused: 0, unknown: 0, withoutId: 0, stored: 12_000 },
          ...{ thereBefore: 0, neverSent: 0 },
          ...{ lost: none, duplicated: none, unexpected: none, recovered: none },
        },
        looks: { everyS: 0.2, count: 580, failed: 3, widestS: 1.2, longestS: 0.31, totalS: 6 },
      },
    ],
  };
}

const record = recordOf(0);
const report = analyse(record);
const rendered = (name: string) => String(reporterNamed(name).render({ report, record }));

test("every report says how long completion took before, in and after the fault", () => {
  const terminal = renderTerminal(report, record, { columns: 100, color: false });
  expect(terminal).toMatch(/^ {2}95 % there after +Baseline +Fault +Recovery$/m);
  expect(terminal).toMatch(/^ {2}slow worker +200 ms to 400 ms +2\.2 s to 2\.6 s +at most 500 ms$/m);
  const narrow = renderTerminal(report, record, { columns: 60, color: false }).replace(/\s+/g, " ");
  expect(narrow).toContain('95 % there after 2.2 s to 2.6 s in "slow worker", at most 500 ms after it');

  const markdown = rendered("markdown");
  expect(markdown).toContain("| order: there after | Acknowledged | Never | p50 | p95 | p99 | Longest |");
  expect(markdown).toMatch(/\| fault: slow worker \| 4,000 \| 0 \| 2\.2 s to 2\.6 s \|/);
  expect(markdown).toContain(
    "Read 580 times during the load, 3 of them without an answer, at most 1.2 s apart",
  );

  const html = rendered("html");
  expect(html).toContain("How long completion took (order)");
  expect(html).toMatch(/recovery: slow worker<\/th><td class="n">4,000<\/td>/);

  // A case that has passed has no details there.
  const asked = record.checks?.[0]?.asked.map((asks) => ({ ...asks, held: 0, broken: 1 })) ?? [];
  const checks = record.checks?.map((check) => ({ ...check, asked }));
  const broken = { ...record, ...(checks && { checks }) };
  const junit = String(reporterNamed("junit").render({ report: analyse(broken), record: broken }));
  expect(junit).toContain("there after, baseline: p50 200 ms to 400 ms");
  expect(rendered("prometheus")).toContain(
    `check="${NAME}",phase="fault",fault="slow worker",quantile="0.95",bound="most"} 2.6`,
  );
  const named = {
    ...record,
    phases: record.phases.map((phase) => ({ ...phase, requests: [{ ...phase.all, request: "order" }] })),
  };
  const [head = "", ...lines] = String(reporterNamed("csv").render({ report, record: named })).split("\r\n");
  expect(head).toMatch(/,lag_p99_ms,completion_p95_ms$/);
  const inFault = lines.filter((line) => line.includes(",fault,slow worker,"));
  expect(inFault.filter((line) => line.includes(",order,")).every((line) => line.endsWith(",2600"))).toBe(
    true,
  );
  expect(inFault.filter((line) => line.includes(",worker,,")).every((line) => line.endsWith(","))).toBe(true);
  expect(inFault).toHaveLength(80);

  expect(JSON.parse(rendered("json")).checks[0].completion.phases[1]).toMatchObject({
    when: "fault",
    fault: "slow worker",
    acknowledged: 4000,
    never: 0,
    p95: { atLeast: 2200, atMost: 2600 },
  });
});

test("a fault that made completion slower is told, and breaks its promise", () => {
  const [fault] = report.faults;
  expect(fault?.verdict).toBe("fail");
  expect(fault?.findingIds?.[0]).toBe("completion");
  expect(fault?.findings[0]).toBe(
    'It took longer until acknowledged "order" requests were stored: p95 2.2 s to 2.6 s, in the baseline 200 ms to 400 ms.',
  );
  expect(report.reason).toContain("completion(order) p95 rose from 400 ms to 2.6 s, promised < 1 s");
  expect(report.checks?.[0]).toMatchObject({
    verdict: "pass",
    reason: expect.stringMatching(
      /95 % of them were there after 200 ms to 400 ms in the baseline, and after 2\.2 s to 2\.6 s in "slow worker"\.$/,
    ),
  });
});

test("what was never there is told as never, and not as a timeout", () => {
  const lossy = recordOf(10);
  const told = analyse(lossy);
  expect(told.reason).toContain("completion(order) p95 rose from 400 ms to never, promised < 1 s");
  expect(told.faults[0]?.findings[0]).toContain("400 of 4,000 were never seen there.");
  const terminal = renderTerminal(told, lossy, { columns: 100, color: false });
  expect(terminal).toMatch(/completion\(order\) p95.* never/);
  expect(terminal).not.toContain("> timeout");
});

test("a check without an answer leaves the promise invalid", () => {
  const phases = record.phases.map(({ completions: _, ...phase }) => phase);
  const unknown = analyse({ ...record, phases });
  expect(unknown.verdict).not.toBe("pass");
  expect(unknown.faults[0]?.slos.find(({ expect: text }) => text.startsWith("completion"))).toMatchObject({
    verdict: "invalid",
    observed: null,
  });
});
