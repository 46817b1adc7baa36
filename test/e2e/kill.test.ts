import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { seededRandom } from "../../src/support/random.js";
import { ENDINGS, STRETCHES_MS, type Trial } from "../helpers/kill/endings.js";
import { canMount } from "../helpers/kill/surroundings.js";
import { endingsHere, runTrial, type TrialResult } from "../helpers/kill/trial.js";

/** Each ending once, at another moment each time the suite runs; `npm run bench -- kill` does it at length. */
const TRIALS = Number(process.env.KILL_TRIALS ?? ENDINGS.length);
const AT_ONCE = Number(process.env.KILL_AT_ONCE ?? 6);
/** Of KILL_ONLY's endings alone, if it is given: texts that stand in their names, with a "|" between. */
const ONLY = process.env.KILL_ONLY?.split("|");
const SEED = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 2 ** 31));
const skipped = canMount ? "" : "; full disks are skipped: to mount small ones takes root";
test.runIf(process.platform === "linux")(
  `however a run ends, nothing of it is left: ${TRIALS} trials at random moments (seed ${SEED}${skipped})`,
  { timeout: 120_000 + TRIALS * 20_000 },
  async () => {
    const random = seededRandom(SEED);
    const endings = endingsHere().filter((ending) => !ONLY || ONLY.some((text) => ending.includes(text)));
    const trials: Trial[] = Array.from({ length: TRIALS }, (_, index) => {
      const phasesBefore = Math.floor(random() * STRETCHES_MS.length);
      const thenMs = Math.round(random() * (STRETCHES_MS[phasesBefore] ?? 0));
      return { ending: endings[index % endings.length]!, phasesBefore, thenMs };
    });
    const results: (Trial & TrialResult)[] = [];
    let next = 0;
    const worker = async () => {
      for (let trial = trials[next++]; trial; trial = trials[next++]) {
        results.push({ ...trial, ...(await runTrial(trial)) });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (process.env.KILL_RESULTS) writeFileSync(process.env.KILL_RESULTS, JSON.stringify(results));
    expect(results.filter(({ problems }) => problems.length > 0)).toEqual([]);
    expect(results.filter(({ happened }) => happened).length).toBeGreaterThan(TRIALS / 4);
  },
);
