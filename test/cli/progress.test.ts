import { stripVTControlCharacters } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { progressFor } from "../../src/cli/progress.js";
import type { LiveSample } from "../../src/load/session.js";
import { perOutcome } from "../../src/measure/outcome.js";
import { buildRecord } from "../helpers/record-builder.js";
import { testIo } from "../helpers/test-io.js";

const SAMPLE: LiveSample = {
  segmentId: "recovery-1",
  atMs: 0,
  intervalMs: 250,
  outcomes: { ...perOutcome(() => 0), ok: 25, unsentByGenerator: 0 },
  requests: new Map(),
  p99Ms: 4,
  slow: [],
};

/** What a terminal shows of a recovery whose planned time is over. */
async function overdueLine(status: string | null, color = false): Promise<string> {
  const io = testIo();
  const nothing = () => true;
  const terminal = { isTTY: true, columns: 120, clearLine: nothing, cursorTo: nothing, moveCursor: nothing };
  const progress = progressFor({ ...io, stderr: Object.assign(io.stderr, terminal) }, { color });
  onTestFinished(() => progress.close());
  progress.phaseStarted?.({
    id: "recovery-1",
    kind: "recovery",
    fault: "slow cache",
    trial: null,
    plannedMs: 0,
  });
  if (status !== null) progress.status?.(status);
  progress.live?.(SAMPLE);
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
  const live = progressFor(
    { ...onTerminal, stderr: Object.assign(onTerminal.stderr, terminal) },
    { color: false },
  );
  onTestFinished(() => live.close());
  live.phaseStarted?.({ ...trial, plannedMs: 5_000 });
  expect(onTerminal.err()).toContain("cache latency: latency 310 ms on cache");

  const piped = testIo();
  const plain = progressFor(piped, { color: false });
  const [phase] = buildRecord({ slos: [], phases: [{ kind: "baseline", seconds: 3 }] }).phases;
  if (!phase) throw new Error("no phase was built");
  plain.phaseStarted?.({ ...trial, plannedMs: 5_000 });
  plain.phaseEnded?.({ ...phase, id: trial.id, kind: "fault", fault: trial.fault });
  expect(piped.err()).toMatch(/^cache latency: latency 310 ms on cache: [\d,]+ requests, all ok\n$/);
});

test("the line of a phase that has ended fits the terminal, whatever its fault is called", async () => {
  const io = testIo();
  const nothing = () => true;
  const terminal = { isTTY: true, columns: 80, clearLine: nothing, cursorTo: nothing, moveCursor: nothing };
  const progress = progressFor({ ...io, stderr: Object.assign(io.stderr, terminal) }, { color: false });
  onTestFinished(() => progress.close());
  const [phase] = buildRecord({ slos: [], phases: [{ kind: "baseline", seconds: 3 }] }).phases;
  if (!phase) throw new Error("no phase was built");
  progress.phaseEnded?.({ ...phase, kind: "fault", fault: "a name ".repeat(20).trim() });
  const lines = stripVTControlCharacters(io.err())
    .split("\n")
    .filter((line) => line.includes("requests"));
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
});
