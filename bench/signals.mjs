/**
 * How often are verdicts on signals wrong?
 * `npm run bench -- signals [runs per cell]` simulates runs whose truth is known; the table stands in docs/measurement.md.
 * `npm run bench -- signals rare [times]` has a real Prometheus scrape what is rarely seen, and reads it.
 */

import { judgeSignal } from "../dist/analysis/slo/signal.js";
import { metricOf } from "../dist/slo/metrics/index.js";
import { parseSlo } from "../dist/slo/parse.js";
import { seededRandom } from "../dist/support/random.js";
import { scrapedCounter } from "./signals/scraped-counter.mjs";
import { errorProcesses } from "./simulation/errors.mjs";
import { percent, table } from "./simulation/table.mjs";

const RATE_PER_S = 200;
const BUDGET = 0.01;
/** Verdicts in one run: two SLOs in a baseline and three faults. */
const VERDICTS = 8;
/** A Prometheus has counted for this long before the phase. */
const BEFORE_S = 60;
/** Phases by the seconds between two samples; the first is the shortest that can pass. */
const PHASES = new Map([
  [1, [30, 60, 120]],
  [5, [60, 120, 300]],
  [15, [165, 300, 600]],
]);

if (process.argv[2] === "rare")
  await (await import("./signals/rare.mjs")).rareCases(Number(process.argv[3] ?? 20));
else simulateAll(Number(process.argv[2] ?? 4000));

function simulateAll(runs) {
  const began = performance.now();
  const random = seededRandom(20_261_130);
  const { processes, binomial } = errorProcesses(random);
  const context = { evidence: "interval", verdicts: VERDICTS };
  const verdictOn = (text, reading, durationS) => {
    const { slo } = parseSlo(text);
    const view = {
      durationS,
      signal: () => ({ restarts: 0, troubles: [], counts: null, values: null, ...reading }),
    };
    return judgeSignal(slo, metricOf(slo.metric).signal, view, context).verdict;
  };

  /** What each way of reading knows of one phase. */
  const readings = (shares, everyS, durationS) => {
    const offsetS = random() * everyS;
    const due = scrapedCounter(
      shares.map(() => RATE_PER_S),
      { everyS, offsetS },
    );
    const bad = scrapedCounter(
      shares.map((share) => binomial(RATE_PER_S, share)),
      { everyS, offsetS },
    );
    const untilS = BEFORE_S + durationS;
    const sampled = (firstS, counted) => {
      const reading = { everyS, atS: [], counts: { due: [], bad: [] } };
      for (let atS = firstS; atS <= untilS; atS += everyS) {
        reading.atS.push(atS - BEFORE_S);
        reading.counts.due.push(counted(due, atS));
        reading.counts.bad.push(counted(bad, atS));
      }
      return reading;
    };
    // Nothing is known of the time before the first look at the phase.
    const polled = sampled(
      BEFORE_S + offsetS + everyS,
      (of, atS) => of.valueAt(atS) - of.valueAt(atS - everyS),
    );
    const rated = (scrapes) =>
      sampled(BEFORE_S + scrapes * everyS, (of, atS) => everyS * (of.rate(atS, scrapes * everyS) ?? 0));
    return [polled, rated(2), rated(4)];
  };

  const counts = [];
  const means = [];
  for (const [everyS, lengths] of PHASES) {
    for (const durationS of lengths) {
      for (const [name, shares] of Object.entries(processes)) {
        const seen = [0, 0, 0].map(() => ({ atBudget: 0, twice: 0, quarter: 0 }));
        const mean = { atTarget: 0, below: 0 };
        const cell = (share, count) => {
          for (let run = 0; run < runs; run++) {
            const all = readings(shares(share, BEFORE_S + durationS + 1), everyS, durationS);
            for (const [way, reading] of all.entries()) {
              count(seen[way], verdictOn(`signal(s) error_rate <= ${BUDGET * 100}%`, reading, durationS));
            }
          }
        };
        cell(BUDGET, (of, verdict) => (of.atBudget += verdict === "pass" ? 1 : 0));
        cell(2 * BUDGET, (of, verdict) => (of.twice += verdict === "fail" ? 1 : 0));
        cell(BUDGET / 4, (of, verdict) => (of.quarter += verdict === "pass" ? 1 : 0));
        const shown = (key) => seen.map((of) => percent(of[key], runs));
        counts.push([
          `${everyS} s`,
          `${durationS} s`,
          name,
          ...shown("atBudget"),
          ...shown("twice"),
          ...shown("quarter"),
        ]);
        for (let run = 0; run < runs; run++) {
          const values = (level) =>
            shares(level, BEFORE_S + durationS)
              .slice(BEFORE_S)
              .filter((_, second) => second % everyS === 0);
          const told = (level) => {
            const samples = values(level);
            const reading = { everyS, atS: samples.map((_, at) => at * everyS), values: samples };
            return verdictOn(`signal(s) mean <= ${BUDGET}`, reading, durationS) === "pass" ? 1 : 0;
          };
          // What never varies is its mean.
          if (name === "independent") continue;
          mean.atTarget += told(BUDGET);
          mean.below += told(BUDGET / 4);
        }
        if (name !== "independent") {
          means.push([
            `${everyS} s`,
            `${durationS} s`,
            name,
            percent(mean.atTarget, runs),
            percent(mean.below, runs),
          ]);
        }
      }
    }
  }
  console.log(
    `${runs} simulated runs in each cell; ${RATE_PER_S}/s counted, budget ${BUDGET * 100}%, ${VERDICTS} verdicts`,
  );
  const ways = (what) => [`${what}: polled`, "rate of 2 scrapes", "of 4"];
  table(
    "signal(s) error_rate",
    [
      "sample each",
      "phase",
      "errors come",
      ...ways("at the budget passes"),
      ...ways("twice fails"),
      ...ways("a quarter passes"),
    ],
    counts,
  );
  table(
    "signal(s) mean",
    ["sample each", "phase", "values come", "at the target passes", "a quarter passes"],
    means,
  );
  console.log(`\n${((performance.now() - began) / 1000).toFixed(1)} s`);
}
