import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { budgetConsumed, burnRate } from "../../src/analysis/fault/error-budget.js";
import {
  budgetCriterion,
  detectedAt,
  holdSeconds,
  recoveredAt,
} from "../../src/analysis/recovery/good-seconds.js";
import { judgeShare } from "../../src/analysis/slo/share-verdict.js";
import {
  badEpisodes,
  compareWithBaseline,
  onsetProbability,
  smallestVisibleRatio,
} from "../../src/analysis/statistics/difference.js";
import {
  type BadSeries,
  binomialQuantile,
  criticalT,
  degreesOfFreedom,
  harWilson,
  leastErrorFreeRequests,
  normalQuantile,
  wilson,
} from "../../src/analysis/statistics/intervals.js";

const vectors = JSON.parse(
  readFileSync(new URL("../fixtures/measurement-vectors.json", import.meta.url), "utf8"),
);

/** Relative tolerance of the reference: 1e-3. */
function close(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-3 * Math.abs(expected) + 1e-12);
}

function series(name: string, perSecond = 200): BadSeries {
  const bad: number[] = name === "zero10@200" ? Array(10).fill(0) : vectors.series[name];
  return { due: bad.map(() => perSecond), bad };
}

/** "8x60,25,40x0": eight seconds of 60 bad requests, one of 25, forty of none. */
function written(text: string, perSecond: number): BadSeries {
  const bad = text.split(",").flatMap((part) => {
    const [count, value] = part.includes("x") ? part.split("x").map(Number) : [1, Number(part)];
    return Array<number>(count!).fill(value!);
  });
  return { due: bad.map(() => perSecond), bad };
}

describe("the reference vectors of the method", () => {
  it("Student's t and its degrees of freedom", () => {
    for (const { T, nu } of vectors.nuOf) expect(degreesOfFreedom(T)).toBe(nu);
    const lengths = [10, 20, 30, 60, 90, 120];
    lengths.forEach((T, i) => {
      close(criticalT(T, 98), vectors.tTable_one_sided_99[i]);
      close(criticalT(T, 95), vectors.tTable_one_sided_97_5[i]);
    });
  });

  it("Wilson's interval", () => {
    for (const { bad, n, z, out } of vectors.wilson) {
      const [lower, upper] = wilson(bad / n, n, z);
      close(lower, out[0]);
      close(upper, out[1]);
    }
  });

  it.each([
    ["harWilson98", 98],
    ["harWilson95", 95],
  ] as const)("%s", (name, confidence) => {
    for (const { series: of, n_per_bucket, out } of vectors[name]) {
      const found = harWilson(series(of, n_per_bucket), confidence);
      close(found.share, out.p);
      close(found.lower, out.lo);
      close(found.upper, out.hi);
      close(found.designEffect, out.deff);
      close(found.due / found.designEffect, out.nEff);
    }
  });

  it("the verdict of one SLO", () => {
    for (const { series: of, n_per_bucket, budget, out } of vectors.verdict) {
      const found = judgeShare(series(of, n_per_bucket), budget, 5);
      expect([of, budget, found.verdict]).toEqual([of, budget, out.verdict]);
      close(found.window[0], out.window[0]);
      close(found.window[1], out.window[1]);
      close(found.process.lower, out.process[0]);
      close(found.process.upper, out.process[1]);
      close(found.process.designEffect, out.deff);
    }
  });

  it("the least number of error-free requests", () => {
    for (const { budget, T, out } of vectors.nMinPass) expect(leastErrorFreeRequests(budget, T)).toBe(out);
  });

  it("fault against baseline", () => {
    for (const { baseline, fault, n_per_bucket, out } of vectors.compare95) {
      const found = compareWithBaseline(series(baseline, n_per_bucket), series(fault, n_per_bucket));
      close(found.value, out.diff);
      close(found.lower, out.ci[0]);
      close(found.upper, out.ci[1]);
      close(found.shareOfBadSeconds, out.share);
      close(found.onsetP, out.onsetP);
      expect([found.degraded, found.supported, found.episodes]).toEqual([
        out.degraded,
        out.supported,
        out.episodes,
      ]);
    }
  });

  it("bad episodes and the onset's probability", () => {
    for (const { bad, out } of vectors.episodes_gap2) expect(badEpisodes(bad)).toBe(out);
    const zeros = Array<number>(60).fill(0);
    const cases: Record<string, [number[], number[]]> = {
      "bad first bucket": [zeros, [1]],
      "bad third bucket": [zeros, [0, 0, 1]],
      "bad fourth bucket": [zeros, [0, 0, 0, 1]],
      fault30: [vectors.series.zero30, vectors.series.fault30],
    };
    for (const { baseline, fault, out } of vectors.onsetP) {
      const before = baseline.startsWith("B60") ? vectors.series.B60 : cases[fault]![0];
      close(onsetProbability(before, cases[fault]![1]), out);
    }
  });

  it("the smallest ratio that could have been seen", () => {
    for (const { cvBaseline, cvFault, nu, out } of vectors.mdeRatio) {
      close(smallestVisibleRatio(cvBaseline, cvFault, vectors.tTable_one_sided_97_5[nu - 1]), out);
    }
  });

  it("the binomial quantile", () => {
    for (const { n, p, out } of vectors.binomQuantile999) expect(binomialQuantile(0.999, n, p)).toBe(out);
  });

  it("recovery", () => {
    for (const { series: text, n_per_bucket, budget, out } of vectors.recovery) {
      const seen =
        text === "empty" ? { due: [], bad: [] } : written(text.replace(/^\w+: /, ""), n_per_bucket);
      const found = recoveredAt(budgetCriterion(seen, budget, holdSeconds(budget, n_per_bucket)));
      expect([text, found]).toEqual([
        text,
        { atS: out.recoveredAt, censoredAtS: out.censoredAt, holdS: out.hold },
      ]);
    }
  });

  it("detection", () => {
    for (const { series: text, n_per_bucket, budget, out } of vectors.detect) {
      const seen = written(text, n_per_bucket);
      expect([text, detectedAt(budgetCriterion(seen, budget, 0))]).toEqual([text, out.detectedAt]);
      if (out.detectedAt === null) expect(seen.due.length).toBe(out.censoredAt);
    }
  });

  it("the error budget", () => {
    for (const { badFraction, slo, minutes, out } of vectors.budgetBurn) {
      const burn = burnRate(badFraction, 1 - slo);
      close(burn, out.burnRate);
      close(budgetConsumed(burn, minutes), out.consumed);
    }
  });
});

it("the normal quantile agrees with the tables, and grows with the number of verdicts", () => {
  close(normalQuantile(0.99), 2.326347874);
  close(normalQuantile(0.975), 1.959963985);
  close(normalQuantile(0.5 + 1e-12), 2.5e-12);
  close(normalQuantile(1 - 0.05 / 100), 3.290526731);
  expect(normalQuantile(0.3)).toBeCloseTo(-normalQuantile(0.7), 9);
});
