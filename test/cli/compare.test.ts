import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { compareRuns } from "../../src/analysis/compare/compare-runs.js";
import { main } from "../../src/cli/main.js";
import type { RunRecord } from "../../src/measure/record.js";
import { toxicOn } from "../helpers/actions.js";
import { buildRecord, type PhaseSketch, type RunSketch } from "../helpers/record-builder.js";

/** A run with one fault; the seed makes two of them differ as two real ones would. */
function run(seed: number, during: Partial<PhaseSketch> = {}, more: Partial<RunSketch> = {}): RunRecord {
  return buildRecord({
    seed,
    ratePerS: 100,
    slos: ["availability >= 90%", "p99 < 900ms", "recovery < 9s"],
    phases: [
      { kind: "baseline", seconds: 40 },
      { kind: "fault", fault: "slow cache", seconds: 40, ...during },
      { kind: "recovery", fault: "slow cache", seconds: 30 },
    ],
    ...more,
  });
}

async function compare(...args: string[]) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const exitCode = await main(["compare", ...args], {
    stdin: Readable.from([]),
    stdout,
    stderr,
    env: {},
    cwd: process.cwd(),
    onSignal: () => () => {},
    exitNow: () => {},
  });
  stdout.end();
  stderr.end();
  return { exitCode, stdout: await text(stdout), stderr: await text(stderr) };
}

function saved(content: object, name = "record.json"): string {
  const folder = mkdtempSync(join(tmpdir(), "faultline-compare-"));
  writeFileSync(join(folder, name), JSON.stringify(content));
  return join(folder, name);
}

const answers = (old: RunRecord, now: RunRecord) =>
  compareRuns(analyse(old), analyse(now)).slos.map(
    ({ fault, slo, answer }) => `${fault ?? "baseline"}: ${slo} ${answer}`,
  );

it("says of what was broken before that it holds now, in its line and as a whole", () => {
  const [broken, good] = [run(1, { bad: { http_error: 1 } }), run(2)];
  const { answer, reason, exitCode, slos } = compareRuns(analyse(broken), analyse(good));
  expect({ answer, exitCode }).toEqual({ answer: "fixed", exitCode: 0 });
  expect(reason).toMatch(/^Was broken, holds now: "availability >= 90%" in "slow cache"/);
  expect(slos.find(({ fault, slo }) => fault !== null && slo.startsWith("availability"))).toMatchObject({
    answer: "fixed",
    reason: expect.stringMatching(/^It was broken and holds now/),
  });
  expect(compareRuns(analyse(good), analyse(broken)).answer).toBe("regressed");
});

it("tells the difference, and not how many times as long, of latencies that are a few milliseconds apart", () => {
  const spread = { medianMs: 0.2, spread: 1, seconds: 12 };
  const { slos } = compareRuns(analyse(run(1, spread)), analyse(run(2, spread)));
  const p99 = slos.find(({ fault, slo }) => fault !== null && slo.startsWith("p99"));
  expect(p99?.answer).toBe("cannot_tell");
  expect(p99?.reason).toMatch(/; it may be up to [\d.]+ ms longer\.$/);
});

describe("searches for the breaking point", () => {
  type Search = NonNullable<RunRecord["faults"][number]["search"]>;
  const found = (
    holdsUpTo: number | null,
    breaksAt: number | null,
    more: Partial<Search> = {},
    ends: readonly [severe: number, mild: number] = [1_000, 0],
  ) =>
    run(
      1,
      {},
      {
        faults: [
          {
            name: "slow cache",
            search: {
              proxy: "cache",
              attribute: "latency",
              unit: "ms",
              until: "p99 < 900ms",
              holdsUpTo,
              breaksAt,
              trials: ends.map((value, at) => ({ value, phase: `trial-${at}`, verdict: "pass" })),
              ...more,
            },
          },
        ],
      },
    );
  const line = (old: RunRecord, now: RunRecord) =>
    compareRuns(analyse(old), analyse(now)).slos.find(
      ({ slo }) => slo.startsWith("latency until") || slo.startsWith("rate until"),
    )?.answer;

  it("have regressed when the system surely breaks earlier, and are the same test whatever they found", async () => {
    const { exitCode, stdout, stderr } = await compare(saved(found(310, 340)), saved(found(100, 150)));
    expect(exitCode, stderr).toBe(1);
    expect(stdout.replace(/\s+/g, " ")).toContain(
      "Now it holds up to 100 ms and breaks at 150 ms; earlier it holds up to 310 ms",
    );
    expect(line(found(310, 340), found(null, 0))).toBe("regressed");
  });

  it("are the same about as far, and cannot tell without an answer in both", () => {
    expect(line(found(310, 340), found(280, 310))).toBe("same");
    expect(line(found(310, 340), found(600, null))).toBe("same");
    expect(line(found(310, 340), found(null, 1_000))).toBe("cannot_tell");
    expect(line(found(null, 1_000), found(null, 800))).toBe("cannot_tell");
    expect(line(found(310, 340), run(1))).toBe("cannot_tell");
  });

  it("know that less bandwidth is worse", () => {
    const bandwidth = (holdsUpTo: number, breaksAt: number) =>
      found(holdsUpTo, breaksAt, { attribute: "rate", unit: "KB/s" }, [10, 1_000]);
    expect(line(bandwidth(100, 80), bandwidth(500, 400))).toBe("regressed");
    expect(line(bandwidth(500, 400), bandwidth(100, 80))).toBe("same");
  });
});

describe("one run against another", () => {
  it("of the same system has not regressed", async () => {
    expect(answers(run(1), run(2))).toEqual([
      "baseline: availability >= 90% same",
      "baseline: p99 < 900ms same",
      "slow cache: availability >= 90% same",
      "slow cache: p99 < 900ms same",
      "slow cache: recovery < 9s same",
    ]);
    const { exitCode, stdout } = await compare(saved(run(1)), saved(run(2)));
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^✓ SAME\n {2}No regression in any of 5 SLOs\./);
  });

  it("that fails more has, although its SLO still holds", async () => {
    const worse = run(2, { bad: { http_error: 0.04 } });
    expect(analyse(worse).faults[0]?.slos[0]).toMatchObject({
      expect: "availability >= 90%",
      verdict: "pass",
    });
    const { exitCode, stdout } = await compare(saved(run(1)), saved(worse));
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^✗ REGRESSED\n {2}Regressed: "availability >= 90%" in "slow cache"/);
  });

  it("that is much slower has, although its SLO still holds", () => {
    expect(answers(run(1), run(2, { medianMs: 40 }))).toContain("slow cache: p99 < 900ms regressed");
    // A few percent are what two runs on one machine differ by.
    expect(answers(run(1), run(2, { medianMs: 8.4 }))).toContain("slow cache: p99 < 900ms same");
  });

  it("that is much slower is never the same, also where verdicts are by what was observed", () => {
    const quick = { evidence: "observed", slos: ["p50 < 1s"] } as const;
    const slower = (medianMs: number, seconds = 40) =>
      answers(run(1, { medianMs: 22, seconds }, quick), run(2, { medianMs, seconds }, quick))[1];
    expect(slower(82)).toBe("slow cache: p50 < 1s regressed");
    expect(slower(22.4)).toBe("slow cache: p50 < 1s same");
    expect(slower(30, 3)).toBe("slow cache: p50 < 1s cannot_tell");
  });

  it("is not called the same by an older report that has no interval of its quantiles", () => {
    const older = (record: RunRecord) => {
      const report = analyse(record, { evidence: "observed" });
      const [fault] = report.faults;
      const slos = fault!.slos.map((slo) => ({
        ...slo,
        share: slo.share && { ...slo.share, quantile98: undefined },
      }));
      return { ...report, faults: [{ ...fault!, slos }] };
    };
    const { slos } = compareRuns(older(run(1)), older(run(2, { medianMs: 40 })));
    expect(slos.find(({ fault, slo }) => fault !== null && slo === "p99 < 900ms")).toMatchObject({
      answer: "cannot_tell",
      reason: expect.stringContaining("cannot be told from these reports"),
    });
  });

  it("is not called the same as a whole when it cannot be told of some SLOs", async () => {
    const short = (seed: number) => saved(run(seed, { seconds: 5 }));
    const { exitCode, stdout } = await compare(short(1), short(2));
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\? NO REGRESSION SHOWN\n {2}\d of 5 SLOs are the same; of \d it cannot be told/);
    expect(compareRuns(analyse(run(1)), analyse(run(1))).reason).toContain("one and the same run");
  });

  it("holds an SLO that is only about faults to nothing in the baseline", () => {
    const slos = { slos: ["p99 < 900ms", "p95 < 900ms in fault", "p90 < 900ms in baseline, fault"] };
    expect(answers(run(1, {}, slos), run(2, {}, slos)).filter((line) => line.startsWith("baseline"))).toEqual(
      ["baseline: p99 < 900ms same", "baseline: p90 < 900ms in baseline, fault same"],
    );
  });

  it("that breaks what held has", () => {
    expect(answers(run(1), run(2, { bad: { refused: 0.5 } }))).toContain(
      "slow cache: availability >= 90% regressed",
    );
  });

  it("that does not come back any more has", () => {
    const stuck = run(
      2,
      {},
      {
        phases: [
          { kind: "baseline", seconds: 40 },
          { kind: "fault", fault: "slow cache", seconds: 40 },
          { kind: "recovery", fault: "slow cache", seconds: 30, bad: { refused: 0.4 } },
        ],
      },
    );
    expect(answers(run(1), stuck)).toContain("slow cache: recovery < 9s regressed");
  });

  it("that is as broken as before has not", () => {
    const down = { bad: { refused: 1 } } as const;
    expect(answers(run(1, down), run(2, down))).toContain("slow cache: availability >= 90% same");
  });

  it("that is surely better has improved, in its line and as a whole", () => {
    const only = { slos: ["availability >= 90%"] };
    const worse = analyse(run(1, { bad: { http_error: 0.05 } }, only));
    const { answer, exitCode, reason, slos } = compareRuns(worse, analyse(run(2, {}, only)));
    expect({ answer, exitCode }).toEqual({ answer: "improved", exitCode: 0 });
    expect(reason).toMatch(/^Improved: "availability >= 90%" in "slow cache"/);
    expect(slos.find(({ fault, slo }) => fault && slo.startsWith("availability"))?.answer).toBe("improved");
    expect(answers(run(1, { medianMs: 40 }), run(2))).toContain("slow cache: p99 < 900ms improved");
    // As little as two runs of one build differ by.
    expect(answers(run(1, { medianMs: 8.4 }), run(2))).toContain("slow cache: p99 < 900ms same");
  });

  it("shows the verdict and the score of both", async () => {
    const broken = saved(run(1, { bad: { http_error: 1 } }));
    const { stdout } = await compare(broken, saved(run(2)));
    expect(stdout).toMatch(/^ {2}fail, score \d+ → pass, score \d+$/m);
  });

  it("of which little can be told says why once, and not in each line", async () => {
    const short = { seconds: 12 };
    const { stdout } = await compare(saved(run(1, short)), saved(run(2, short)));
    expect(stdout.match(/\? cannot tell/g)?.length).toBeGreaterThan(0);
    expect(stdout.match(/too few requests to exclude/g)).toHaveLength(1);
    expect(stdout.split("What cannot be told, and why")).toHaveLength(2);
  });

  it("cannot tell from what was invalid or too little", () => {
    // A part of the load was never sent.
    const notOffered = { bad: { unsent: 0.05 }, unsentByGenerator: 1 };
    expect(answers(run(1), run(2, notOffered))).toContain("slow cache: p99 < 900ms cannot_tell");
    expect(answers(run(1, { seconds: 5 }), run(2, { seconds: 5 }))).toContain(
      "slow cache: availability >= 90% cannot_tell",
    );
  });

  it("whose generator was late, and offered the load all the same, is compared as any other", () => {
    expect(answers(run(1), run(2, { lagMs: 500 }))).toContain("slow cache: p99 < 900ms same");
  });

  it("cannot tell of a fault that was not shown to touch anything, also from an older report", async () => {
    const proof = { strength: "none", proven: false, explanation: "Nothing crossed.", targets: [] } as const;
    const invalid = run(2, {}, { faults: [{ name: "slow cache", proof }] });
    expect(answers(run(1), invalid).slice(2)).toEqual([
      "slow cache: availability >= 90% cannot_tell",
      "slow cache: p99 < 900ms cannot_tell",
      "slow cache: recovery < 9s cannot_tell",
    ]);
    const report = analyse(invalid);
    const older = {
      ...report,
      faults: report.faults.map((fault) => ({
        ...fault,
        slos: fault.slos.map((slo) => ({ ...slo, verdict: "pass" })),
      })),
    };
    for (const [old, now] of [
      [saved(run(1)), saved(older, "report.json")],
      [saved(older, "report.json"), saved(run(1))],
    ] as const) {
      const { exitCode, stdout } = await compare(old, now);
      expect(exitCode).toBe(3);
      expect(stdout).toMatch(/^\? CANNOT TELL\n.*"slow cache" was\s+invalid in the/);
      expect(stdout.match(/\? cannot tell/g)).toHaveLength(3);
      // Of all three for the same reason, which is told once.
      expect(stdout.match(/In\s+the\s+\w+\s+run:\s+It\s+could\s+not\s+be\s+shown/g)).toHaveLength(1);
    }
  });

  it("cannot tell when one of them ended before a fault", async () => {
    const record = run(2);
    const [baseline] = record.phases;
    const ending = { kind: "interrupted", reason: "SIGINT", atS: 40 } as const;
    const { exitCode, stdout } = await compare(
      saved(run(1)),
      saved({ ...record, phases: [baseline], faults: [], ending }),
    );
    expect(exitCode).toBe(3);
    expect(stdout.replace(/\s+/g, " ")).toContain("not run in the later run");
  });

  it("a few bad seconds close together are no regression yet", () => {
    const stretch = run(2, { at: (s) => (s >= 10 && s < 14 ? { bad: { refused: 0.4 } } : {}) });
    expect(answers(run(1), stretch)).toContain("slow cache: availability >= 90% cannot_tell");
  });
});

describe("faultline compare", () => {
  it("reads a report, a record, or the folder of a run, and gives the same answer", async () => {
    const [old, now] = [run(1), run(2)];
    const folder = mkdtempSync(join(tmpdir(), "faultline-compare-"));
    mkdirSync(join(folder, "run"));
    writeFileSync(join(folder, "run", "report.json"), JSON.stringify(analyse(now)));
    const fromRecord = await compare(saved(old), saved(now), "--json");
    const fromFolder = await compare(saved(analyse(old), "report.json"), join(folder, "run"), "--json");
    expect(fromFolder.stdout).toBe(fromRecord.stdout);
    expect(JSON.parse(fromRecord.stdout)).toMatchObject({ answer: "same", exitCode: 0, mismatches: [] });
  });

  it("refuses different tests, says what differs, and gives way to --force", async () => {
    const other = run(2, {}, { name: "Another", ratePerS: 50, timeoutMs: 3000, requests: ["pay"] });
    const paths = [saved(run(1)), saved(other)];
    const { exitCode, stdout, stderr } = await compare(...paths);
    expect(exitCode).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain('scenario: "Shop survives a bad inventory" before, "Another" now');
    expect(stderr).toContain("load model: 100/s, arrivals even before, 50/s, arrivals even now");
    expect(stderr).toContain("load.timeout: 1 s before, 3 s now");
    expect(stderr).toContain("requests: browse before, pay now");
    const forced = await compare(...paths, "--force");
    expect(forced.exitCode).not.toBe(2);
    expect(forced.stdout).toContain("Not the same test:");
  });

  it("refuses another fault of the same name", async () => {
    const harder = toxicOn("inventory", "latency", { latency: 900, jitter: 0 });
    const now = run(2, {}, { faults: [{ name: "slow cache", actions: [harder] }] });
    const { exitCode, stderr } = await compare(saved(run(1)), saved(now));
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      'fault "slow cache": latency 300 ms ± 50 ms on inventory before, latency 900 ms',
    );
  });

  it("exits 3 when nothing can be told", async () => {
    const short = (seed: number) =>
      run(
        seed,
        {},
        {
          phases: [
            { kind: "baseline", seconds: 4 },
            { kind: "fault", fault: "slow cache", seconds: 4 },
          ],
        },
      );
    const { exitCode, stdout } = await compare(saved(short(1)), saved(short(2)));
    expect(exitCode).toBe(3);
    expect(stdout).toContain("CANNOT TELL");
  });

  it.each([
    [["/no/such/run", "/no/such/run"], /does not exist/],
    [[tmpdir(), tmpdir()], /holds neither report.json nor record.json|does not exist/],
    [[], /missing required argument/],
  ])("complains about %j", async (args, message) => {
    const { exitCode, stdout, stderr } = await compare(...args);
    expect(exitCode).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
  });

  it("fits narrow terminals", async () => {
    const { stdout } = await compare(saved(run(1)), saved(run(2, { bad: { http_error: 0.04 } })));
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(/^ {2}availability >= 90% +100% → 9\d\.\d+% +✗ regressed$/m);
  });
});

describe("two load tests", () => {
  const loadTest = (seed: number, before: Partial<PhaseSketch> = {}) =>
    run(
      seed,
      {},
      {
        phases: [{ kind: "baseline", seconds: 60, ...before }],
        slos: ["availability >= 90%", "p99 < 900ms"],
      },
    );

  it("are compared by their baselines", () => {
    expect(answers(loadTest(1), loadTest(2))).toEqual([
      "baseline: availability >= 90% same",
      "baseline: p99 < 900ms same",
    ]);
    const slower = compareRuns(analyse(loadTest(1)), analyse(loadTest(2, { medianMs: 40 })));
    expect(slower).toMatchObject({ answer: "regressed", exitCode: 1 });
    const broken = compareRuns(analyse(loadTest(1)), analyse(loadTest(2, { bad: { reset: 0.5 } })));
    expect(broken.reason).toMatch(/^Regressed: "availability >= 90%" in the baseline/);
  });
});
