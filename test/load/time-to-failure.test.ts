import { afterEach, expect, test } from "vitest";
import { startLoad } from "../../src/load/start-load.js";
import type { RecordedTimes } from "../../src/measure/recorded-times.js";
import { sleep } from "../../src/support/clock.js";
import { type HelperProcess, startHelper } from "../helpers/child-process.js";
import { loadPlan, openModel, request, sum, totals } from "../helpers/load-plans.js";

const helpers: HelperProcess[] = [];

afterEach(() => {
  for (const { child } of helpers.splice(0)) child.kill("SIGKILL");
});

interface Failure {
  readonly path: string;
  /** On the machine's monotonic clock. null: it was never answered. */
  readonly failedMs: number | null;
}

const TIMEOUT_MS = 1500;
const RATE_PER_S = 60;
/** A busy machine reads answers late. That is part of the time, which is a lower bound in any case. */
const SLACK_MS = 400;

function atMs(times: RecordedTimes | undefined, share: number): number {
  return times ? times.atRankUs(Math.max(1, Math.ceil(share * times.count))) / 1000 : Number.NaN;
}

function ofMs(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
}

test("how long failures took, by outcome, is what the target's own clock says", {
  timeout: 30_000,
  retry: 3,
}, async () => {
  const target = startHelper("failing-server.mjs");
  helpers.push(target);
  const named = (name: string, path: string) => request({ name, path });
  const mix = {
    kind: "requests",
    requests: [
      named("quick", "/error/20/${seq}"),
      named("slow", "/error/300/${seq}"),
      named("cut", "/reset/100/${seq}"),
      named("stuck", "/hang/${seq}"),
      named("fine", "/ok/${seq}"),
    ],
  } as const;
  const session = await startLoad({
    plan: loadPlan(`http://127.0.0.1:${await target.nextLine()}`, openModel(RATE_PER_S), {
      timeoutMs: TIMEOUT_MS,
      mix,
    }),
  });
  try {
    const { startedAtMs } = await session.begin({
      id: "all",
      limits: [
        { request: null, limitUs: 200_000 },
        { request: null, limitUs: TIMEOUT_MS * 1000 },
      ],
    });
    await sleep(4000);
    await session.end();
    const measured = await session.drain("all");
    target.child.stdin.write("report\n");
    const seen: readonly Failure[] = JSON.parse(await target.nextLine());
    const tookMs = ({ path, failedMs }: Failure) => {
      const number = Number(path.split("/").at(-1));
      const dueMs = startedAtMs + ((number - 1) * 1000) / RATE_PER_S;
      return failedMs === null ? TIMEOUT_MS : failedMs - dueMs;
    };
    const truth = (kind: string) => seen.filter(({ path }) => path.startsWith(`/${kind}/`)).map(tookMs);
    const { byOutcome, slow, dispatch } = measured.all.timeToFailure!;
    const counts = totals(measured.all);

    expect(byOutcome.http_error?.count).toBe(truth("error").length);
    expect(byOutcome.reset?.count).toBe(truth("reset").length);
    expect(byOutcome.timeout?.count).toBe(truth("hang").length);
    expect(byOutcome.refused).toBeUndefined();
    // A busy generator may have sent a few of them too late, which is no failure of the target.
    expect(dispatch.count).toBe(counts.scheduled - counts.ok - counts.unsent);

    for (const [outcome, kind] of [
      ["http_error", "error"],
      ["reset", "reset"],
    ] as const) {
      for (const share of [0.25, 0.5, 0.9]) {
        const trueMs = ofMs(truth(kind), share);
        expect(atMs(byOutcome[outcome], share)).toBeGreaterThanOrEqual(trueMs);
        expect(atMs(byOutcome[outcome], share)).toBeLessThan(trueMs * 1.001 + SLACK_MS);
      }
    }
    // A timeout is as long as it is set to, and no shorter than a promise of that length.
    expect(atMs(byOutcome.timeout, 0)).toBeGreaterThanOrEqual(TIMEOUT_MS);
    expect(atMs(dispatch, 1)).toBeLessThan(TIMEOUT_MS * 1.002);
    const over = (limitUs: number) => sum(slow.find((limit) => limit.limitUs === limitUs)?.due ?? []);
    expect(over(TIMEOUT_MS * 1000)).toBe(counts.timeout);
    expect(over(200_000)).toBeGreaterThanOrEqual(seen.filter((failure) => tookMs(failure) >= 200).length);
    expect(over(200_000)).toBeLessThanOrEqual(dispatch.count);

    const of = (name: string) => measured.requests.find((series) => series.request === name)?.timeToFailure;
    expect(of("fine")).toBeUndefined();
    expect(Object.keys(of("stuck")?.byOutcome ?? {})).toEqual(["timeout"]);
    expect(atMs(of("quick")?.byOutcome.http_error, 0.5)).toBeLessThan(300 + SLACK_MS);
    expect(atMs(of("slow")?.byOutcome.http_error, 0.5)).toBeGreaterThanOrEqual(300);
  } finally {
    await session.stop();
  }
});
