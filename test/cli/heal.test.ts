import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { main } from "../../src/cli/main.js";
import { pickFreePort } from "../../src/run/reach/local-port.js";
import { isListening } from "../../src/run/reach/tcp-probe.js";
import { Journal, listJournals } from "../../src/run/safety/journal.js";
import { JOURNAL_FORMAT_VERSION } from "../../src/run/safety/journal-format.js";
import { ownIdentity, type RunnerIdentity } from "../../src/run/safety/runner-identity.js";
import { type ProcessId, SERVICE_MARKER, startOf } from "../../src/support/processes/process-table.js";
import { undosOf } from "../helpers/fake-toxiproxy.js";

async function heal(state: string, ...args: string[]) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const exitCode = await main(["heal", ...args], {
    stdin: Readable.from([]),
    stdout,
    stderr,
    env: { FAULTLINE_STATE_DIR: state },
    cwd: process.cwd(),
    onSignal: () => () => {},
    exitNow: () => {},
  });
  stdout.end();
  stderr.end();
  return { exitCode, stdout: await text(stdout), stderr: await text(stderr) };
}

function stateFolder(): string {
  return mkdtempSync(join(tmpdir(), "faultline-heal-"));
}

const DEAD: RunnerIdentity = { ...ownIdentity(), start: "1" };

function journalOf(state: string, runner: RunnerIdentity, runId = "2026-01-01"): Journal {
  return Journal.create(state, {
    entry: "run",
    formatVersion: JOURNAL_FORMAT_VERSION,
    runId,
    scenario: "slow cache",
    file: "cache.yaml",
    startedAt: "2026-01-01T10:00:00.000Z",
    runner,
    claims: [],
  });
}

/** A process in a group of its own, as a service of a run would be. */
async function orphan(runId: string, code = "") {
  const child = spawn(process.execPath, ["-e", `console.log('up'); setTimeout(() => {}, 120_000); ${code}`], {
    detached: true,
    env: { ...process.env, [SERVICE_MARKER]: `${runId}/shop` },
    stdio: ["ignore", "pipe", "ignore"],
  });
  await once(child.stdout, "data");
  const pid = child.pid ?? 0;
  return { child, group: { pid, start: startOf(pid), marker: `${runId}/shop` } };
}

function idOf({ group: { pid, start } }: Awaited<ReturnType<typeof orphan>>): ProcessId {
  return { pid, start: start ?? "" };
}

test("without anything left behind it says so and exits 0", async () => {
  expect(await heal(stateFolder())).toEqual({
    exitCode: 0,
    stdout: "Nothing to heal: no run has left anything behind.\n",
    stderr: "",
  });
});

test("a dead run's services are ended; --dry-run only says so", async () => {
  const state = stateFolder();
  const { child, group } = await orphan("2026-01-01");
  const journal = journalOf(state, DEAD);
  journal.serviceStarted("shop", group, 500);
  journal.leave();

  const dry = await heal(state, "--dry-run");
  expect(dry.exitCode).toBe(0);
  expect(dry.stdout).toContain(`Run of "slow cache" (cache.yaml) from 2026-01-01T10:00:00.000Z`);
  expect(dry.stdout).toContain('  would end 1 process of service "shop"');
  expect(child.exitCode ?? child.signalCode).toBeNull();
  expect(listJournals(state)).toHaveLength(1);

  const ended = once(child, "exit");
  const done = await heal(state);
  expect(done).toMatchObject({ exitCode: 0, stderr: "" });
  expect(done.stdout).toContain('  done: end 1 process of service "shop"');
  expect((await ended)[1]).toBe("SIGTERM");
  expect(listJournals(state)).toEqual([]);
  expect((await heal(state)).stdout).toContain("Nothing to heal");
});

test.runIf(process.platform === "linux")(
  "a service whose pid was never noted is found by its marker",
  async () => {
    const state = stateFolder();
    const { child } = await orphan("2026-01-02");
    const journal = journalOf(state, DEAD, "2026-01-02");
    journal.serviceStarting("shop", null);
    journal.leave();
    const ended = once(child, "exit");
    expect((await heal(state)).stdout).toContain('  done: end 1 process of service "shop"');
    await ended;
  },
);

test("a pid that belongs to another process now is left alone", async () => {
  const state = stateFolder();
  const { child, group } = await orphan("another run");
  const journal = journalOf(state, DEAD);
  journal.serviceStarted("shop", { ...group, start: "1", marker: "2026-01-01/shop" }, 500);
  journal.leave();
  const { stdout, exitCode } = await heal(state);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("its journal is removed; nothing else was left");
  expect(child.exitCode ?? child.signalCode).toBeNull();
  child.kill("SIGKILL");
});

test("a group that has the number of a dead service's and no leader is a stranger's", async () => {
  const state = stateFolder();
  // As a daemon does it: the leader of the group and session is gone, and its number is still theirs.
  const leader = spawn("sh", ["-c", "sleep 60 >/dev/null & echo $!"], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exited = once(leader, "exit");
  const [said] = await once(leader.stdout, "data");
  const pid = Number(String(said));
  await exited;
  const journal = journalOf(state, DEAD);
  journal.serviceStarted("shop", { pid: leader.pid ?? 0, start: "1", marker: "2026-01-01/shop" }, 500);
  journal.leave();
  const { stdout, exitCode } = await heal(state);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("its journal is removed; nothing else was left");
  expect(startOf(pid)).not.toBeNull();
  process.kill(pid, "SIGKILL");
});

test.runIf(process.platform === "linux")(
  "processes that outlived a service's first one, and daemons of its port, are ended by what the journal knows of them",
  async () => {
    const state = stateFolder();
    const port = await pickFreePort();
    // Neither carries the marker.
    const outliver = await orphan("another run");
    const daemon = await orphan("another run", `require("http").createServer().listen(${port}, "127.0.0.1")`);
    await expect.poll(() => isListening("127.0.0.1", port), { timeout: 8_000 }).toBe(true);
    const journal = journalOf(state, DEAD);
    journal.serviceStarting("shop", { host: "127.0.0.1", port });
    journal.serviceStarted("shop", { pid: 2 ** 22 - 5, start: "1", marker: "2026-01-01/shop" }, 500);
    journal.serviceReady("shop", [idOf(daemon)]);
    journal.serviceOutlived("shop", [idOf(outliver)]);
    journal.leave();
    const { stdout, exitCode } = await heal(state);
    expect(stdout).toContain('  done: end 2 processes of service "shop"');
    expect(exitCode).toBe(0);
    expect([idOf(daemon), idOf(outliver)].map(({ pid }) => startOf(pid))).toEqual([null, null]);
    expect(await isListening("127.0.0.1", port)).toBe(false);
  },
);

test("a port of a dead run's service that somebody listens on is left alone and said, with exit code 5", async () => {
  const state = stateFolder();
  const foreign = createServer();
  await new Promise<void>((resolve) => foreign.listen(0, "127.0.0.1", resolve));
  const bound = foreign.address();
  const port = typeof bound === "object" && bound ? bound.port : 0;
  const journal = journalOf(state, DEAD);
  journal.serviceStarting("shop", { host: "127.0.0.1", port });
  journal.leave();
  const { stdout, exitCode } = await heal(state);
  expect(exitCode).toBe(5);
  expect(stdout).toContain(
    `could not: 127.0.0.1:${port}, the port of service "shop", is listened on by process`,
  );
  expect(stdout).toContain(`if not, delete ${journal.path}`);
  foreign.close();
  expect((await heal(state)).exitCode).toBe(0);
  expect(listJournals(state)).toEqual([]);
});

test("a run that is still going on is left alone, and said so", async () => {
  const state = stateFolder();
  const journal = journalOf(state, ownIdentity());
  const { stdout, exitCode } = await heal(state);
  expect(exitCode).toBe(5);
  expect(stdout).not.toContain("Nothing to heal");
  expect(stdout).toContain(`left alone, process ${process.pid} still runs`);
  expect(listJournals(state)).toEqual([journal.path]);
  journal.remove();
});

test("what cannot be reverted is listed, with exit code 5", async () => {
  const state = stateFolder();
  const journal = journalOf(state, DEAD);
  // Takes connections and never answers.
  const hanging = (await import("node:net")).createServer();
  await new Promise<void>((resolve) => hanging.listen(0, "127.0.0.1", resolve));
  const address = hanging.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  for (const entry of undosOf(url, "cache", "127.0.0.1:2")) journal.undoable(entry);
  journal.leave();
  const { stdout, exitCode } = await heal(state);
  expect(exitCode).toBe(5);
  expect(stdout).toContain(`  could not: proxy "cache" of ${url}: `);
  expect(stdout).toMatch(/tries again; if what is listed here is gone for good .*, delete \S+\.jsonl\n/);
  expect(listJournals(state)).toHaveLength(1);
  hanging.close();
});
