import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { headLine, idFileName, idLine } from "../../../src/measure/ids/id-log.js";
import type { CheckSpec } from "../../../src/plan/checks/check-spec.js";
import { RunChecks, type RunChecksOptions } from "../../../src/run/checks/run-checks.js";
import { runEnvironment } from "../../../src/run/checks/run-environment.js";
import { monotonicMs, sleep } from "../../../src/support/clock.js";
import { processTable } from "../../../src/support/processes/process-table.js";

const folder = mkdtempSync(join(tmpdir(), "faultline-checks-"));
const slow = { name: "slow cache", round: 1 };

function check(command: string, changes: Partial<CheckSpec> = {}): CheckSpec {
  return {
    name: "stock",
    ask: { kind: "command", command: [command], shell: true, env: {}, cwd: folder },
    when: ["end"],
    everyMs: null,
    timeoutMs: 20_000,
    withinMs: 0,
    expect: { exit: null, status: null, number: { equals: 0 }, text: null, json: {} },
    ids: null,
    ...changes,
  };
}

function runChecks(checks: readonly CheckSpec[], changes: Partial<RunChecksOptions> = {}) {
  const journal: string[] = [];
  const warnings: string[] = [];
  const run = new RunChecks({
    checks,
    runId: `test-${process.pid}`,
    env: process.env,
    secrets: [],
    journal: { serviceStarting: (name) => void journal.push(name) },
    signal: new AbortController().signal,
    now: () => 7,
    idFolder: null,
    moments: () => () => ({ when: "baseline", fault: null }),
    spans: () => ({ phases: [], injectedAtS: [] }),
    say: () => {},
    warn: (text) => void warnings.push(text),
    ...changes,
  });
  onTestFinished(() => run.stop());
  return { run, journal, warnings, asked: () => run.records().flatMap(({ asked }) => asked) };
}

test("a check is asked as each phase of its kind ends, and no other", async () => {
  const { run, asked, journal } = runChecks([check("echo 0", { when: ["fault", "recovery"] })]);
  for (const [id, kind, fault] of [
    ["baseline", "baseline", null],
    ["fault-1", "fault", slow],
    ["recovery-1", "recovery", slow],
  ] as const) {
    run.begin({ id, kind, fault }, monotonicMs());
    await run.end();
  }
  await run.afterLoad();
  const once = { fault: "slow cache", asked: 1, held: 1, broken: 0, unasked: 0 };
  expect(asked()).toMatchObject([
    { when: "fault", phase: "fault-1", ...once },
    { when: "recovery", phase: "recovery-1", ...once },
  ]);
  // Another process knows what to end after a crash, and is told once.
  expect(journal).toEqual(["check stock"]);
});

test("with `every` it is asked during the phase, too, and the first answer of each kind is kept", async () => {
  const file = join(folder, "count");
  writeFileSync(file, "");
  const counting = check(`echo x >> ${file}; wc -l < ${file}`, {
    when: ["fault"],
    everyMs: 100,
    expect: { exit: null, status: null, number: { "<": 3 }, text: null, json: {} },
  });
  const { run, asked, warnings } = runChecks([counting]);
  run.begin({ id: "fault-1", kind: "fault", fault: { ...slow, round: 2 } }, monotonicMs());
  await expect.poll(() => readFileSync(file, "utf8").length, { timeout: 20_000 }).toBeGreaterThan(8);
  await run.end();
  const [only] = asked();
  expect(only).toMatchObject({
    fault: "slow cache (round 2)",
    round: { of: "slow cache", number: 2 },
    held: 2,
  });
  expect(only?.broken).toBeGreaterThan(1);
  expect(only?.firstBroken).toEqual({ atS: 7, reason: "number: expected < 3, found 3" });
  expect(warnings).toEqual(['check "stock" does not hold: number: expected < 3, found 3']);
  const times = readFileSync(file, "utf8").length;
  await sleep(300);
  expect(readFileSync(file, "utf8")).toHaveLength(times);
});

test("with `within` it is asked again at the end until it holds", async () => {
  const file = join(folder, "late");
  writeFileSync(file, "2");
  const { run, asked } = runChecks([check(`cat ${file}`, { withinMs: 20_000 })]);
  const done = run.afterLoad();
  await sleep(400);
  writeFileSync(file, "0");
  await done;
  const [only] = asked();
  expect(only).toMatchObject({ when: "end", phase: null, asked: 1, held: 1, broken: 0 });
  expect(only?.attempts).toBeGreaterThan(1);
  expect(only?.heldAfterS).toBeGreaterThan(0.2);
});

test("what does not come to hold within its time is broken", async () => {
  const { run, asked } = runChecks([check("echo 2", { withinMs: 500 })]);
  await run.afterLoad();
  const [only] = asked();
  expect(only).toMatchObject({ asked: 1, broken: 1, firstBroken: { reason: "number: expected 0, found 2" } });
  expect(only?.attempts).toBeGreaterThan(1);
});

test("a run that is stopped ends what is asked, leaves no process and records no answer", async () => {
  const stop = new AbortController();
  const file = join(folder, "pid");
  // It leaves the group, as a daemon does.
  const daemon = `setsid sh -c 'echo $$ > ${file}; exec sleep 300' & wait; sleep 300`;
  const { run, asked } = runChecks([check(daemon)], { signal: stop.signal });
  const done = run.afterLoad();
  const pid = () => {
    try {
      return Number(readFileSync(file, "utf8"));
    } catch {
      return 0;
    }
  };
  await expect.poll(pid, { timeout: 20_000 }).toBeGreaterThan(1);
  stop.abort();
  await done;
  await run.stop();
  expect(asked()).toEqual([]);
  expect(processTable.row(pid())?.isZombie ?? true).toBe(true);
});

test("secrets in what was printed are masked before it is cut", async () => {
  const long = `secret-${"s".repeat(3_000)}`;
  const { run, asked } = runChecks([check(`echo ${long}`)], { secrets: [long] });
  await run.afterLoad();
  const output = asked()[0]?.firstUnasked?.output ?? "";
  expect(output).not.toContain("sss");
  expect(output.length).toBeGreaterThan(0);
});

test("a program that is not there is found before anything is loaded", () => {
  const missing = {
    kind: "command",
    command: ["no-such-program"],
    shell: false,
    env: {},
    cwd: folder,
  } as const;
  const { run } = runChecks([check("", { ask: missing })]);
  expect(() => run.refuseMissingPrograms()).toThrow(
    expect.objectContaining({
      code: "CHECK_FAILED",
      message: 'check "stock" cannot be asked: program "no-such-program" was not found (looked in PATH)',
    }),
  );
});

test("ids of an earlier answer are not shown when the last one is none", async () => {
  const idFolder = mkdtempSync(join(tmpdir(), "faultline-ids-"));
  const most = { lost: 0, duplicated: null, unexpected: null };
  const ids = { request: "order", id: "${seq}", most, list: null, each: null };
  const lines = ["a", "b"].map((id) => idLine("acknowledged", 0, 1, 1, id));
  writeFileSync(join(idFolder, idFileName(0)), `${headLine([ids])}${lines.join("")}`);
  const askedBefore = join(idFolder, "asked");
  const command = `if [ -e ${askedBefore} ]; then exit 1; fi; echo a; touch ${askedBefore}`;
  const { run, asked } = runChecks([check(command, { ids, expect: null })], { idFolder });
  await run.afterLoad();
  expect(run.records()[0]?.ids?.lost.count).toBe(1);
  await run.afterLoad();
  expect(asked()).toMatchObject([{ broken: 1, unasked: 1 }]);
  expect(run.records()[0]?.ids).toBeUndefined();
});

test("commands are told where proxies and files are", () => {
  const values = new Map([
    ["proxies.order-db.listen", "127.0.0.1:4"],
    ["proxies.order-db.port", "4"],
    ["services.shop.port", "5"],
  ]);
  expect(runEnvironment(values, "http://127.0.0.1:5", "/reports/1")).toEqual({
    FAULTLINE_TARGET: "http://127.0.0.1:5",
    FAULTLINE_REPORT_DIR: "/reports/1",
    FAULTLINE_PROXY_ORDER_DB: "127.0.0.1:4",
  });
});
