import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import type { Verdict } from "../../../src/analysis/document/report.js";
import { searchReport } from "../../../src/analysis/fault/search-report.js";
import type { SearchStep } from "../../../src/plan/steps.js";
import { bisect, breakingPoint, type Trial } from "../../../src/run/phases/bisection.js";
import { testAtOnce } from "../../helpers/at-once.js";
import { faultline, root, temporaryFolder } from "../../helpers/faultline.js";
import { searchStep } from "../../helpers/search-step.js";

/** Searches a system that answers each value as told. */
async function search(plan: SearchStep, system: (value: number) => Verdict) {
  const trials: Trial[] = [];
  await bisect(plan, async (value) => {
    const verdict = system(value);
    trials.push({ value, phase: `trial-${trials.length + 1}`, verdict });
    return verdict;
  });
  return { values: trials.map(({ value }) => value), found: breakingPoint(plan, trials) };
}

const breaksFrom = (limit: number) => (value: number) => (value >= limit ? "fail" : "pass");

test("the breaking point is enclosed to within the precision, from below and from above", async () => {
  const { found } = await search(searchStep(), breaksFrom(333));
  expect(found.holdsUpTo).toBeLessThan(333);
  expect(found.breaksAt).toBeGreaterThanOrEqual(333);
  expect(found.breaksAt! - found.holdsUpTo!).toBeLessThanOrEqual(20);
  expect(searchReport(found, null).verdict).toBe("pass");
});

test("where less is worse (bandwidth) it searches downwards", async () => {
  const plan = searchStep({ from: 1_000, to: 10 });
  const { found } = await search(plan, (value) => (value < 200 ? "fail" : "pass"));
  expect(found.holdsUpTo).toBeGreaterThanOrEqual(200);
  expect(found.breaksAt).toBeLessThan(200);
});

test("what the severe end does not break takes one trial, what the mild end breaks takes two", async () => {
  const unbreakable = await search(searchStep(), () => "pass");
  expect(unbreakable.values).toEqual([1_000]);
  expect(unbreakable.found).toMatchObject({ holdsUpTo: 1_000, breaksAt: null });
  const broken = await search(searchStep(), () => "fail");
  expect(broken.values).toEqual([1_000, 0]);
  expect(searchReport(broken.found, null)).toMatchObject({
    verdict: "fail",
    reason: expect.stringContaining("even at 0 ms"),
  });
});

test("what could not be decided beyond the last value that held is no pass", () => {
  const reportOf = (plan: SearchStep, ...tried: readonly (readonly [number, Verdict])[]) => {
    const trials = tried.map(([value, verdict], i) => ({ value, phase: `trial-${i + 1}`, verdict }));
    return searchReport(breakingPoint(plan, trials), null);
  };
  const undecided = reportOf(searchStep(), [1_000, "inconclusive"], [1, "pass"], [500, "inconclusive"]);
  expect(undecided).toMatchObject({
    verdict: "inconclusive",
    reason: expect.stringMatching(/holds up to 1 ms .*whether it does at 500 ms could not be decided\.$/),
  });
  // The last try counts.
  expect(reportOf(searchStep(), [1_000, "invalid"], [1_000, "pass"]).verdict).toBe("pass");
  const downwards = searchStep({ from: 1_000, to: 10 });
  expect(
    reportOf(downwards, [10, "invalid"], [10, "inconclusive"], [1_000, "pass"], [505, "pass"]),
  ).toMatchObject({ verdict: "inconclusive", reason: expect.stringContaining("up to 505") });
});

test("the mild end is known as such also where a trial was made once more", () => {
  const reportOf = (...tried: readonly (readonly [number, Verdict])[]) => {
    const trials = tried.map(([value, verdict], i) => ({ value, phase: `trial-${i + 1}`, verdict }));
    return searchReport(breakingPoint(searchStep(), trials), null);
  };
  expect(reportOf([1_000, "fail"], [0, "invalid"], [0, "fail"])).toMatchObject({
    verdict: "fail",
    reason: expect.stringContaining("even at 0 ms"),
  });
  expect(reportOf([1_000, "invalid"], [1_000, "fail"], [0, "inconclusive"])).toMatchObject({
    verdict: "inconclusive",
    reason: expect.stringContaining("anything milder is not known"),
  });
});

test("it makes no more trials than it may", async () => {
  for (const maxTrials of [1, 2, 4]) {
    const { values } = await search(searchStep({ maxTrials, precision: 1 }), breaksFrom(333));
    expect(values).toHaveLength(maxTrials);
  }
});

test("an undecided trial is neither a pass nor a break", async () => {
  const { found } = await search(searchStep(), (value) =>
    value >= 800 ? "fail" : value >= 300 ? "inconclusive" : "pass",
  );
  expect(found.holdsUpTo).toBeLessThan(300);
  expect(found.breaksAt).toBeGreaterThanOrEqual(800);
});

test("a break at the severe end alone does not fail the mild end that could not be decided", async () => {
  const undecided = await search(searchStep(), (value) => (value === 0 ? "inconclusive" : "fail"));
  expect(searchReport(undecided.found, null)).toMatchObject({
    verdict: "inconclusive",
    reason: expect.stringContaining("breaks at 1000 ms"),
  });
  const stopped = await search(searchStep({ maxTrials: 1 }), () => "fail");
  expect(searchReport(stopped.found, null).verdict).toBe("inconclusive");
});

test("what held in every trial is no result when nobody saw the traffic meet them", async () => {
  const listed = { strength: "listed", proven: true, explanation: "cache: as told", targets: [] } as const;
  const held = await search(searchStep(), () => "pass");
  expect(searchReport(held.found, listed)).toMatchObject({
    verdict: "inconclusive",
    reason: expect.stringMatching(/held in every trial.*not seen that the system's traffic met the fault/),
  });
  expect(searchReport(held.found, { ...listed, strength: "observed" }).verdict).toBe("pass");
  // It broke: the traffic met it.
  const broke = await search(searchStep(), breaksFrom(333));
  expect(searchReport(broke.found, listed).verdict).toBe("pass");
});

test("a search that the system does not recover from ends there, and says so instead of a result", async () => {
  const plan = searchStep();
  const trials: Trial[] = [];
  await bisect(plan, async (value) => {
    if (trials.length === 3) return null;
    const verdict = breaksFrom(333)(value);
    trials.push({ value, phase: `trial-${trials.length + 1}`, verdict });
    return verdict;
  });
  expect(trials.map(({ value }) => value)).toEqual([1_000, 0, 500]);
  const found = breakingPoint(plan, trials, "the system was not back at its SLOs after trial 3");
  expect(found).toMatchObject({ holdsUpTo: 0, breaksAt: 500 });
  expect(searchReport(found, null)).toMatchObject({
    verdict: "inconclusive",
    reason: expect.stringMatching(
      /ended early, as the system was not back .* after trial 3.*breaks at 500 ms/,
    ),
  });
});

/** A service that bears a grudge against slow answers, searched for how slow its upstream may be. */
async function searchGrudge({
  grudgeMs,
  recovery,
  trials,
}: {
  grudgeMs?: number;
  recovery: string;
  trials: number;
}) {
  const folder = await temporaryFolder();
  const server = join(root, "test/fixtures/grudge-server.mjs");
  const scenario = {
    faultline: 1,
    name: "A grudge",
    evidence: "observed",
    maxRecoveryWait: grudgeMs === undefined ? "1s" : "20s",
    services: {
      upstream: {
        run: `node ${server}`,
        env: { PORT: "${services.upstream.port}" },
        ready: "http://127.0.0.1:${services.upstream.port}/health",
      },
      api: {
        run: `node ${server}`,
        env: {
          PORT: "${services.api.port}",
          UPSTREAM_URL: "http://${proxies.upstream.listen}",
          ...(grudgeMs === undefined ? {} : { GRUDGE_MS: String(grudgeMs) }),
        },
        ready: "http://127.0.0.1:${services.api.port}/health",
      },
    },
    proxies: { upstream: { upstream: "127.0.0.1:${services.upstream.port}" } },
    load: { target: "http://127.0.0.1:${services.api.port}", rate: "30/s", timeout: "2s" },
    phases: { warmup: "0.5s", baseline: "2s", fault: "2s", recovery },
    slos: ["availability >= 90%"],
    faults: [
      {
        name: "how slow",
        proxy: "upstream",
        find: { latency: "0ms..800ms", until: "availability >= 90%", precision: "50ms", maxTrials: trials },
      },
    ],
  };
  await writeFile(join(folder, "scenario.yaml"), stringify(scenario));
  const { code, stdout, stderr } = await faultline(["run", "scenario.yaml", "--json"], { cwd: folder });
  return { code, stderr, fault: JSON.parse(stdout).faults[0] };
}

testAtOnce(
  "after a trial that the system does not recover from, no milder value is blamed for it",
  async () => {
    const { code, stderr, fault } = await searchGrudge({ recovery: "3s", trials: 8 });
    expect(code, stderr).toBe(3);
    expect(fault.search).toMatchObject({
      breaksAt: 800,
      holdsUpTo: null,
      endedEarly: expect.stringContaining('"availability >= 90%" is still broken'),
    });
    expect(fault.search.trials).toHaveLength(1);
    expect(fault.reason).toContain("The search ended early");
    expect(fault.injection.description).toBe("latency of 800 ms on upstream, in 1 trial");
  },
);

testAtOnce(
  "a system that is back only after the planned recovery is waited for, and the search goes on",
  async () => {
    const { code, stderr, fault } = await searchGrudge({ grudgeMs: 2_500, recovery: "2s", trials: 2 });
    expect(code, stderr).toBe(0);
    expect(fault.search).toMatchObject({ breaksAt: 800, holdsUpTo: 0, endedEarly: null });
  },
);
