import { stripVTControlCharacters } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { progressReporter } from "../../../src/cli/output/progress.js";
import { EMPTY_SPARSE_HISTOGRAM } from "../../../src/measure/histogram.js";
import { perOutcome } from "../../../src/measure/outcome.js";
import type { LiveNumbers, PhaseEnd } from "../../../src/measure/run-in-progress.js";
import type { ReportedRun } from "../../../src/report/reporter.js";
import { testIo } from "../../helpers/test-io.js";

const RUN: ReportedRun = { name: "Shop", file: "shop.yaml", folder: null, lineOf: () => null };

const SAMPLE: LiveNumbers = {
  atMs: 0,
  intervalMs: 250,
  outcomes: { ...perOutcome(() => 0), ok: 25 },
  p99Ms: 4,
  latency: EMPTY_SPARSE_HISTOGRAM,
};

const ALL_OK: PhaseEnd["requests"] = { scheduled: 300, ...perOutcome(() => 0), ok: 300 };

/** What a terminal shows of a recovery whose planned time is over. */
async function overdueLine(status: string | null, color = false): Promise<string> {
  const io = testIo();
  const nothing = () => true;
  const terminal = { isTTY: true, columns: 120, clearLine: nothing, cursorTo: nothing, moveCursor: nothing };
  const progress = progressReporter({ ...io, stderr: Object.assign(io.stderr, terminal) }, { color });
  onTestFinished(() => progress.end?.(null, RUN));
  progress.phase?.(
    {
      id: "recovery-1",
      kind: "recovery",
      fault: "slow cache",
      trial: null,
      plannedMs: 0,
    },
    RUN,
  );
  if (status !== null) progress.status?.(status, RUN);
  progress.live?.(SAMPLE, RUN);
  await expect.poll(() => io.err()).toContain("100 requests/s");
  return io.err();
}

test("while a recovery is waited for the live line says so, else that the last answers are", async () => {
  expect(await overdueLine("waiting for the recovery from slow cache")).toMatch(
    /recovery from slow cache · waiting for the recovery from slow cache · 100 requests\/s/,
  );
  expect(await overdueLine(null)).toMatch(
    /recovery from slow cache · waiting for the last answers · 100 requests\/s/,
  );
});

test("colour goes by the terminal that is written to", async () => {
  expect(await overdueLine(null, true)).toContain("\u001b[1mrecovery from slow cache");
  expect(await overdueLine(null)).not.toContain("\u001b[1m");
});

test("a trial of a search says what it does, on a terminal and off it", async () => {
  const trial = {
    id: "fault-1-trial-2",
    kind: "fault",
    fault: "cache latency",
    trial: "latency 310 ms on cache",
  } as const;
  const onTerminal = testIo();
  const nothing = () => true;
  const terminal = { isTTY: true, columns: 120, clearLine: nothing, cursorTo: nothing, moveCursor: nothing };
  const live = progressReporter(
    { ...onTerminal, stderr: Object.assign(onTerminal.stderr, terminal) },
    { color: false },
  );
  onTestFinished(() => live.end?.(null, RUN));
  live.phase?.({ ...trial, plannedMs: 5_000 }, RUN);
  expect(onTerminal.err()).toContain("cache latency: latency 310 ms on cache");

  const piped = testIo();
  const plain = progressReporter(piped, { color: false });
  plain.phase?.({ ...trial, plannedMs: 5_000 }, RUN);
  plain.phaseEnd?.({ ...trial, requests: ALL_OK }, RUN);
  expect(piped.err()).toMatch(/^cache latency: latency 310 ms on cache: [\d,]+ requests, all ok\n$/);
});

test("the line of a phase that has ended fits the terminal, whatever its fault is called", async () => {
  const io = testIo();
  const nothing = () => true;
  const terminal = { isTTY: true, columns: 80, clearLine: nothing, cursorTo: nothing, moveCursor: nothing };
  const progress = progressReporter({ ...io, stderr: Object.assign(io.stderr, terminal) }, { color: false });
  onTestFinished(() => progress.end?.(null, RUN));
  const fault = "a name ".repeat(20).trim();
  progress.phaseEnd?.({ id: "fault-1", kind: "fault", fault, trial: null, requests: ALL_OK }, RUN);
  const lines = stripVTControlCharacters(io.err())
    .split("\n")
    .filter((line) => line.includes("requests"));
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
});
