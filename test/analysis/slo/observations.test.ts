import { describe, expect, it } from "vitest";
import { compareSlo } from "../../../src/analysis/fault/effect.js";
import { errorBudget } from "../../../src/analysis/fault/error-budget.js";
import { judgeFault } from "../../../src/analysis/fault/fault-slos.js";
import { PhaseView } from "../../../src/analysis/measurement/phase-view.js";
import { judgeSlo } from "../../../src/analysis/slo/judge.js";
import type { JudgingContext } from "../../../src/analysis/slo/judging-context.js";
import { resolveAgainst } from "../../../src/analysis/slo/targets.js";
import { sum } from "../../../src/analysis/statistics/intervals.js";
import type { BadSeries, Crossing, Observations, TimedCounts } from "../../../src/slo/observations.js";
import { buildRecord, sloOf } from "../../helpers/record-builder.js";

const CONTEXT: JudgingContext = { evidence: "interval", verdicts: 4, model: "open", timeoutMs: 5000 };

/** What a mesh or a server counted: "second,due,bad" a line, without latencies or names of requests. */
class CountsFromCsv implements Observations {
  readonly startS: number;
  readonly #counted: BadSeries;

  constructor(csv: string, startS = 0) {
    const rows = csv.split("\n").map((line) => line.split(",").map(Number));
    this.startS = startS;
    this.#counted = { due: rows.map(([, due = 0]) => due), bad: rows.map(([, , bad = 0]) => bad) };
  }

  get seconds(): number {
    return this.#counted.due.length;
  }

  get durationS(): number {
    return this.seconds;
  }

  get wholeSeconds(): number {
    return this.seconds;
  }

  counts() {
    const scheduled = sum(this.#counted.due);
    return { scheduled, ok: scheduled - sum(this.#counted.bad) };
  }

  failures(): BadSeries {
    return this.#counted;
  }

  slower(): null {
    return null;
  }

  slowerAbout(): null {
    return null;
  }

  quantile(): null {
    return null;
  }
}

/** The same, with what the mesh counted on its way to other services. */
class CountsOfMesh extends CountsFromCsv {
  readonly #attempts: Readonly<Record<string, readonly number[]>>;

  constructor(seconds: number, attempts: Readonly<Record<string, readonly number[]>>) {
    super(csv(seconds, 100, () => 0));
    this.#attempts = attempts;
  }

  crossed(proxy: string, crossing: Crossing): TimedCounts | null {
    const counts = crossing === "requests" ? this.#attempts[proxy] : undefined;
    return counts ? { counts, lengthS: counts.map(() => 1) } : null;
  }
}

function csv(seconds: number, duePerS: number, bad: (second: number) => number): string {
  return Array.from({ length: seconds }, (_, second) => `${second},${duePerS},${bad(second)}`).join("\n");
}

function verdictOf(text: string, view: Observations, context = CONTEXT) {
  const judged = { slo: sloOf(text), phase: "fault", baseline: null, after: null, invalid: null } as const;
  return judgeSlo({ ...judged, view }, context);
}

describe("counts that are not of our own load", () => {
  it("are judged as they are", () => {
    const good = new CountsFromCsv(csv(60, 200, (s) => (s % 20 === 0 ? 1 : 0)));
    const bad = new CountsFromCsv(csv(60, 200, () => 5));
    const short = new CountsFromCsv(csv(10, 200, () => 0));
    expect(verdictOf("availability >= 99%", good)).toMatchObject({ verdict: "pass", observed: 0.99975 });
    expect(verdictOf("error_rate < 1%", bad)).toMatchObject({
      verdict: "fail",
      observed: 0.025,
      counts: { bad: 300, total: 12_000, budget: 0.01 },
      reason: "300 of 12,000 requests (2.5%) failed; 1% may.",
    });
    expect(verdictOf("availability >= 99%", short).verdict).toBe("inconclusive");
    expect(verdictOf("throughput >= 190/s", good)).toMatchObject({ verdict: "pass", observed: 199.95 });
    expect(verdictOf("throughput >= 199/s", bad)).toMatchObject({ verdict: "fail", observed: 195 });
    expect(verdictOf("error_rate < 5% for 10s", bad).verdict).toBe("pass");
  });

  it("say nothing of latencies that nobody counted", () => {
    const counted = new CountsFromCsv(csv(60, 200, () => 0));
    expect(verdictOf("p99 < 300ms", counted)).toMatchObject({
      verdict: "invalid",
      observed: null,
      reason: "How many requests took longer than 300 ms was not counted in this run.",
    });
  });

  it("tell what a dependency gets, if they were counted there", () => {
    const calm = new CountsOfMesh(40, { stock: Array.from({ length: 40 }, () => 100) });
    const stormy = new CountsOfMesh(40, { stock: Array.from({ length: 40 }, () => 290) });
    const [promised = sloOf("attempts(stock) < 5/s")] = resolveAgainst(
      [sloOf("attempts(stock) < 2x baseline")],
      calm,
    );
    expect(promised.target).toEqual({ kind: "absolute", value: 200, unit: "per_s" });
    const judged = (view: Observations) =>
      judgeSlo({ slo: promised, phase: "fault", view, baseline: calm, after: calm, invalid: null }, CONTEXT);
    expect(judged(stormy)).toMatchObject({ verdict: "fail", baseline: 100, observed: 290, after: 100 });
    expect(judged(calm).verdict).toBe("pass");
    expect(verdictOf("connections(stock) < 50/s", calm).verdict).toBe("invalid");
    expect(verdictOf("attempts(stock) < 50/s", new CountsFromCsv(csv(40, 100, () => 0))).verdict).toBe(
      "invalid",
    );
  });

  it("come to what our own load comes to with the same counts", () => {
    const { phases } = buildRecord({
      ratePerS: 100,
      phases: [{ kind: "fault", fault: "cut", seconds: 40, bad: { refused: 0.004 } }],
    });
    const own = phases.map((phase) => new PhaseView(phase));
    for (const view of own) {
      const { due, bad } = view.failures(null);
      const foreign = new CountsFromCsv(due.map((count, s) => `${s},${count},${bad[s]}`).join("\n"));
      for (const text of ["availability >= 99%", "error_rate < 0.1%", "throughput >= 99/s"]) {
        expect(verdictOf(text, foreign)).toEqual(verdictOf(text, view));
      }
    }
    expect(own).toHaveLength(1);
  });

  it("tell of a whole fault: its SLOs, how soon it showed and when the system was back", () => {
    const baseline = new CountsFromCsv(csv(60, 200, (s) => (s % 10 === 0 ? 1 : 0)));
    const during = new CountsFromCsv(
      csv(60, 200, (s) => (s < 4 ? 0 : 60)),
      61,
    );
    const recovery = new CountsFromCsv(
      csv(60, 200, (s) => (s < 7 ? 60 : 0)),
      122,
    );
    const texts = ["availability >= 99%", "error_rate < baseline + 1%", "recovery < 10s", "detection < 10s"];
    const slos = resolveAgainst(texts.map(sloOf), baseline);
    const {
      rows,
      detection,
      recovery: back,
    } = judgeFault({
      ...{ fault: "cut", slos, baseline, during, recovery, context: CONTEXT },
      injectionDelayS: 0,
      removedAtS: 122,
    });
    expect(rows.map(({ expect: slo, verdict }) => [slo, verdict])).toEqual([
      ["availability >= 99%", "fail"],
      ["error_rate < baseline + 1%", "fail"],
      ["recovery < 10s", "pass"],
      ["detection < 10s", "pass"],
    ]);
    expect(rows[0]).toMatchObject({ baseline: 0.9995, observed: 0.72, after: 0.965 });
    expect(detection.seconds).toBe(5);
    expect(back.seconds).toBe(7);
    const [promised = sloOf("availability >= 99%")] = slos;
    expect(compareSlo(promised, baseline, during, "interval", null)?.degraded).toBe(true);
    expect(errorBudget(slos, { during, recovery, tailS: 7, around: [] }, "interval")?.burnRate).toBeCloseTo(
      28,
    );
  });
});
