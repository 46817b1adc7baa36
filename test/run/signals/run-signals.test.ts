import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { SignalRecord } from "../../../src/measure/signals/signal-record.js";
import type { SignalSpec } from "../../../src/plan/signals/signal-spec.js";
import { RunSignals, type RunSignalsOptions } from "../../../src/run/signals/run-signals.js";
import { monotonicMs } from "../../../src/support/clock.js";
import { processTable } from "../../../src/support/processes/process-table.js";

const folder = mkdtempSync(join(tmpdir(), "faultline-signals-"));

function signal(command: string, changes: Partial<SignalSpec> = {}): SignalSpec {
  return {
    name: "queue",
    source: { kind: "command", command: [command], shell: true, env: {}, cwd: folder },
    reads: { of: "values", value: "" },
    everyMs: 200,
    timeoutMs: 20_000,
    ...changes,
  };
}

function runSignals(spec: SignalSpec, changes: Partial<RunSignalsOptions> = {}) {
  const journal: string[] = [];
  const read: SignalRecord[] = [];
  const run = new RunSignals({
    signals: [spec],
    runId: `test-${process.pid}`,
    env: process.env,
    secrets: [],
    journal: { serviceStarting: (name) => void journal.push(name) },
    signal: new AbortController().signal,
    secondsAt: (atMs) => atMs / 1_000,
    onRead: (_, signals) => void read.push(...signals),
    ...changes,
  });
  onTestFinished(() => run.stop());
  return { run, journal, read };
}

const numberIn = (name: string) => () => {
  try {
    return Number(readFileSync(join(folder, name), "utf8"));
  } catch {
    return 0;
  }
};

test("a run that is stopped leaves no process of a signal, not even one that has left its group", async () => {
  const { run, journal } = runSignals(
    signal("setsid sh -c 'echo $$ > daemon; exec sleep 300' & wait; sleep 300"),
  );
  await run.open();
  const pid = numberIn("daemon");
  await expect.poll(pid, { timeout: 20_000 }).toBeGreaterThan(1);
  // Another process knows what to end after a crash.
  expect(journal).toEqual(["signal queue"]);
  await run.stop();
  expect(processTable.row(pid())?.isZombie ?? true).toBe(true);
});

test("secrets in what a command printed are masked before it is cut", async () => {
  const secret = `secret-${"s".repeat(3_000)}`;
  const { run, read } = runSignals(signal(`echo ${secret}; exit 1`), { secrets: [secret] });
  await run.open();
  run.begin("baseline", monotonicMs());
  await run.end(monotonicMs() + 1_500);
  expect(read).toMatchObject([{ troubles: [{ id: "command_failed" }] }]);
  expect(JSON.stringify(read)).not.toContain("sss");
});

test("a program that is not there is found before anything is loaded", () => {
  const source = {
    kind: "command",
    command: ["no-such-program"],
    shell: false,
    env: {},
    cwd: folder,
  } as const;
  const { run } = runSignals(signal("", { source }));
  expect(() => run.refuseMissingPrograms()).toThrow(
    expect.objectContaining({
      code: "SIGNAL_FAILED",
      message: 'signal "queue" cannot be read: program "no-such-program" was not found (looked in PATH)',
    }),
  );
});
