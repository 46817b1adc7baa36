import { expect, onTestFinished, test } from "vitest";
import type { RunningService } from "../../../src/faults/fault-driver.js";
import { undo } from "../../../src/faults/process/undo.js";
import { processAction } from "../../../src/faults/process-action.js";
import { processTable, startOf } from "../../../src/support/processes/process-table.js";
import { startChild } from "../../helpers/children/start-child.mjs";
import { answerOf, oneService } from "../../helpers/one-service.js";

const PAUSED = processAction("pause", "db", {});

const stopped = (service: RunningService) => service.living().map(({ isStopped }) => isStopped);

test("a paused service stands still with all its processes, and goes on when the fault comes out", async () => {
  const { service, url, faults, entries } = await oneService();
  await expect.poll(() => stopped(service), { timeout: 10_000 }).toEqual([false, false]);
  await faults.inject([PAUSED]);
  expect(stopped(service)).toEqual([true, true]);
  expect(await answerOf(url)).toBeNull();
  expect(entries).toMatchObject([{ driver: "process", undo: { deed: "stop", group: service.group } }]);

  const proof = await faults.prove();
  expect(proof).toMatchObject({ proven: true, strength: "observed" });
  expect(proof.explanation).toMatch(/^db was paused: all 2 processes were stopped at each of \d+ looks$/);
  await faults.clear();
  expect(stopped(service)).toEqual([false, false]);
  expect(await answerOf(url, 10_000)).toMatch(/^ok/);
});

test("a pause that somebody has ended is not proven", async () => {
  const { service, faults } = await oneService();
  await faults.inject([PAUSED]);
  service.signal("SIGCONT");
  await expect.poll(() => stopped(service), { timeout: 10_000 }).not.toContain(true);
  const proof = await faults.prove();
  expect(proof).toMatchObject({ proven: false, strength: "none" });
  expect(proof.explanation).toContain("db did not stand still");
  await faults.clear();
});

test("stages: a pause in the middle of a fault lets the service go on, and both pauses are proven", async () => {
  const { service, faults } = await oneService();
  await faults.inject([PAUSED]);
  await faults.inject([]);
  expect(stopped(service)).not.toContain(true);
  await faults.inject([PAUSED]);
  expect(stopped(service)).not.toContain(false);
  const proof = await faults.prove();
  expect(proof.proven).toBe(true);
  expect(proof.targets).toHaveLength(2);
  await faults.clear();
  expect(stopped(service)).not.toContain(true);
});

test("another process lets the stopped ones go on by what was written down, and says so before", async () => {
  const { service, url, faults, entries } = await oneService();
  await faults.inject([PAUSED]);
  // As it is read from a journal.
  const written = JSON.parse(JSON.stringify(entries));
  const said = `let ${stopped(service).length} stopped processes of service "db" go on`;
  expect(await undo(written, { dryRun: true })).toEqual({ did: [said], failures: [] });
  expect(stopped(service)).not.toContain(false);
  expect(await undo(written, { dryRun: false })).toEqual({ did: [said], failures: [] });
  expect(stopped(service)).not.toContain(true);
  expect(await answerOf(url, 10_000)).toMatch(/^ok/);
  expect(await undo(written, { dryRun: false })).toEqual({ did: [], failures: [] });
});

test("a stopped stranger that has got the pid of a service is left as it is", async () => {
  const stranger = startChild(process.execPath, ["-e", "setTimeout(() => {}, 120_000)"], { stdio: "ignore" });
  onTestFinished(() => void stranger.kill("SIGKILL"));
  const pid = stranger.pid ?? 0;
  stranger.kill("SIGSTOP");
  const start = String(Number(startOf(pid)) - 1);
  const group = { pid, start, marker: "run/db" };
  const entry = {
    driver: "process",
    undo: { deed: "stop", service: "db", group, processes: [{ pid, start }] },
    text: "stopped processes",
  };
  expect(await undo([entry], { dryRun: false })).toEqual({ did: [], failures: [] });
  await expect.poll(() => stateOf(pid), { timeout: 5_000 }).toBe(true);
});

const stateOf = (pid: number) => processTable.row(pid)?.isStopped;

test("what cannot be read as a deed signals nobody", async () => {
  const broken = [
    { deed: "stop", service: "db", group: { pid: -1, start: null, marker: "run/db" }, processes: [] },
    { deed: "stop", service: "db", group: { pid: null, start: null, marker: "" }, processes: [] },
    { deed: "go" },
  ];
  const entries = broken.map((each) => ({ driver: "process", undo: each, text: "a deed" }));
  const { did, failures } = await undo(entries, { dryRun: false });
  expect(did).toEqual([]);
  expect(failures).toHaveLength(3);
});
