import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { headLine, idFileName, idLine } from "../../../src/measure/ids/id-log.js";
import type { CheckSpec } from "../../../src/plan/checks/check-spec.js";
import { RunChecks } from "../../../src/run/checks/run-checks.js";
import { monotonicMs, sleep } from "../../../src/support/clock.js";
import { processTable } from "../../../src/support/processes/process-table.js";

const slow = { name: "slow worker", round: 1 };
const phases = [
  { id: "baseline", kind: "baseline", fault: null, startS: 0, durationS: 1, seconds: 1 },
  { id: "fault-1", kind: "fault", fault: "slow worker", startS: 1, durationS: 600, seconds: 600 },
] as const;

/** A check on ids that a shell asks, with ten orders that were acknowledged in the first second of the fault. */
function watched(command: string, changes: Partial<CheckSpec> = {}, list: string | null = null) {
  const folder = mkdtempSync(join(tmpdir(), "faultline-watched-"));
  const most = { lost: 0, duplicated: null, unexpected: null };
  const ids = { request: "order", id: "${seq}", most, list, each: null };
  const lines = Array.from({ length: 10 }, (_, at) => idLine("acknowledged", 0, 1_100, 1, `order-${at}`));
  writeFileSync(join(folder, idFileName(0)), `${headLine([ids])}${lines.join("")}`);
  const check: CheckSpec = {
    name: "stored",
    ask: { kind: "command", command: [command], shell: true, env: {}, cwd: folder },
    when: ["fault", "end"],
    everyMs: 100,
    timeoutMs: 20_000,
    withinMs: 0,
    expect: null,
    ids,
    ...changes,
  };
  const began = monotonicMs();
  const run = new RunChecks({
    checks: [check],
    runId: `test-${process.pid}`,
    env: process.env,
    secrets: [],
    journal: { serviceStarting: () => {} },
    signal: new AbortController().signal,
    now: () => 1.2 + (monotonicMs() - began) / 1000,
    idFolder: folder,
    moments: () => () => ({ when: "fault", fault: "slow worker" }),
    spans: () => ({ phases, injectedAtS: [1] }),
    say: () => {},
    warn: () => {},
  });
  onTestFinished(() => run.stop());
  return { run, folder, only: () => run.records()[0], completions: () => run.completionsOf("fault-1") };
}

async function inFault({ run }: ReturnType<typeof watched>, enough: () => boolean): Promise<void> {
  run.begin({ id: "fault-1", kind: "fault", fault: slow }, monotonicMs());
  await expect.poll(enough, { timeout: 40_000 }).toBe(true);
  await run.end();
  await run.afterLoad();
}

const looks = (made: ReturnType<typeof watched>) => made.only()?.looks?.count ?? 0;

test("the time until an id is there lies between two looks", async () => {
  const made = watched("cat stored 2>/dev/null; echo another");
  const { folder, only, completions } = made;
  let waited = false;
  await inFault(made, () => {
    if (looks(made) < 2) return false;
    if (!waited)
      writeFileSync(join(folder, "stored"), Array.from({ length: 10 }, (_, at) => `order-${at}\n`).join(""));
    const was = waited;
    waited = true;
    return was && looks(made) > 4;
  });
  expect(only()).toMatchObject({ ids: { lost: { count: 0 }, stored: 10 } });
  const [second] = completions()[0]?.seconds ?? [];
  expect(second?.count.reduce((sum, count) => sum + count, 0)).toBe(10);
  expect(Math.min(...(second?.fromMs ?? [0]))).toBeGreaterThan(90);
  for (const [at, from] of (second?.fromMs ?? []).entries()) expect(from).toBeLessThan(second?.toMs[at] ?? 0);
  // Before they were there, each look of the fault missed all of them.
  const asks = only()?.asked.find(({ when }) => when === "fault");
  expect(asks?.broken).toBeGreaterThan(1);
  expect(asks?.held).toBeGreaterThan(0);
  expect(asks?.firstBroken?.reason).toBe(
    '10 acknowledged of "order" are not there after the answer (such as order-0, sent at 0:01)',
  );
}, 60_000);

test.each([
  ["that is missing", "no-such-program", "not_started", "exit_code"],
  ["that prints nothing", "true", "nothing_printed", "nothing_printed"],
  ["that prints garbage", "echo '[1, {'", "not_json", "not_json"],
  ["whose answer is of something else", "echo elsewhere", "", "not_ids"],
])(
  "a command %s tells nothing of completion, and never passes",
  async (_, command, inLooks, atEnd) => {
    const made = watched(command);
    await inFault(made, () => looks(made) > 2);
    const asked = made.only()?.asked ?? [];
    const end = asked.find(({ when }) => when === "end");
    expect(end).toMatchObject({ held: 0, broken: 0, unasked: 1 });
    expect(["not_started", atEnd]).toContain(end?.firstUnasked?.why);
    const fault = asked.find(({ when }) => when === "fault");
    expect(fault?.held).toBe(0);
    if (inLooks !== "") expect(fault?.unasked).toBe(fault?.asked);
    expect(made.completions()).toEqual([]);
  },
  60_000,
);

test("a command that never ends is ended, look by look, and leaves nothing", async () => {
  const made = watched("echo $$ >> pids; sleep 600; echo order-1", { timeoutMs: 300 });
  await inFault(made, () => looks(made) > 1);
  expect(made.only()?.asked.find(({ when }) => when === "end")?.firstUnasked?.why).toBe("late");
  expect(made.completions()).toEqual([]);
  await made.run.stop();
  for (const pid of readFileSync(join(made.folder, "pids"), "utf8").trim().split("\n")) {
    expect(processTable.row(Number(pid))?.isZombie ?? true).toBe(true);
  }
}, 60_000);

test("a command that prints more than is read is asked no more while the load goes on", async () => {
  const made = watched("head -c 1000000000 /dev/zero", {}, "$.orders");
  made.run.begin({ id: "fault-1", kind: "fault", fault: slow }, monotonicMs());
  await expect.poll(() => looks(made), { timeout: 40_000 }).toBe(1);
  await sleep(500);
  expect(looks(made)).toBe(1);
  await made.run.end();
  await made.run.afterLoad();
  const end = made.only()?.asked.find(({ when }) => when === "end");
  expect(end).toMatchObject({ held: 0, unasked: 1, firstUnasked: { why: "too_much" } });
  expect(made.completions()).toEqual([]);
}, 60_000);
