import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import type { CpuTimes } from "../../../src/run/machine/cpu-times.js";
import {
  MachineMeter,
  type MachineReading,
  takenBetween,
  useBetween,
} from "../../../src/run/machine/machine-use.js";
import { MachineWatch } from "../../../src/run/machine/machine-watch.js";
import { SystemProcesses } from "../../../src/run/machine/system-processes.js";
import { monotonicMs, sleep } from "../../../src/support/clock.js";
import {
  CLOCK_TICKS_PER_S,
  cpuSOf,
  procStat,
  startOf,
} from "../../../src/support/processes/process-table.js";

test("shares are those of the time in between", () => {
  const times = (busyS: number, stolenS: number | null, allS: number): CpuTimes => ({ busyS, stolenS, allS });
  expect(useBetween(times(1, 0.1, 10), times(2.5, 0.3, 12))).toEqual({ busy: 0.75, stolen: 0.1 });
  expect(useBetween(times(1, 0.1, 10), times(1, 0.1, 10))).toBeNull();
  expect(useBetween(times(1, null, 10), times(1.5, null, 11))).toEqual({ busy: 0.5, stolen: null });
});

/** Two CPUs; what is not said was idle. */
function reading(
  atMs: number,
  used: Partial<Record<"own" | "system" | "strangers" | "stolen" | "throttled" | "waited", number>>,
) {
  const { own = 0, system = 0, strangers = 0, stolen = 0, throttled = 0, waited = 0 } = used;
  return {
    atMs,
    cpus: { busyS: own + system + strangers, stolenS: stolen, allS: (2 * atMs) / 1000 },
    ownS: own,
    systemS: system,
    throttledS: throttled,
    waitedS: waited,
  } satisfies MachineReading;
}

const ZERO = reading(0, {});

test("a system that took all CPUs may be why the load generator was late", () => {
  // 400 ms of a standstill and the 100 ms before it, beside a program that would use what is left.
  const { systemAtMost } = takenBetween(ZERO, reading(500, { system: 0.8, strangers: 0.15 }), "here");
  expect(systemAtMost).toBeGreaterThan(0.5);
});

test("one that had less than strangers, the host or a quota took is not", () => {
  const few = { system: 0.01, own: 0.04 };
  expect(takenBetween(ZERO, reading(100, { ...few, strangers: 0.15 }), "here").systemAtMost).toBeLessThan(
    0.25,
  );
  expect(takenBetween(ZERO, reading(100, { ...few, stolen: 0.1 }), "here").systemAtMost).toBeLessThan(0.25);
  expect(takenBetween(ZERO, reading(100, { ...few, throttled: 0.1 }), "here").systemAtMost).toBeLessThan(
    0.25,
  );
});

test("strangers beside an idle CPU have kept nobody from running", () => {
  const { systemAtMost } = takenBetween(ZERO, reading(100, { system: 0.05, strangers: 0.1 }), "here");
  expect(systemAtMost).toBe(1);
});

test("a quota that the system itself has used up is its own doing", () => {
  const used = { system: 0.05, own: 0.01, throttled: 0.14 };
  expect(takenBetween(ZERO, reading(100, used), "here").systemAtMost).toBeGreaterThan(0.5);
});

test("whatever is not faultline may be a system on this machine whose processes nobody has named", () => {
  const others = reading(100, { strangers: 0.15, own: 0.05 });
  expect(takenBetween(ZERO, others, "somewhere here")).toMatchObject({ strangers: 0, systemAtMost: 1 });
  expect(takenBetween(ZERO, others, "elsewhere").systemAtMost).toBe(0);
});

test("what a system waited for a CPU counts where others kept it waiting, not where it kept itself", () => {
  const waited = (used: Parameters<typeof reading>[1]) =>
    takenBetween(ZERO, reading(100, { waited: 0.08, ...used }), "here").waited;
  expect(waited({ system: 0.01, strangers: 0.18 })).toBe(0.08);
  expect(waited({ system: 0.01, throttled: 0.1 })).toBe(0.08);
  expect(waited({ system: 0.18, strangers: 0.01 })).toBe(0);
  expect(waited({ system: 0.01 })).toBe(0);
});

test("a meter tells each second from its start, and nothing after its end", () => {
  const meter = new MachineMeter(1_000, reading(900, { system: 0.1 }), "here");
  meter.read(reading(1_500, { system: 0.7 }));
  meter.read(reading(2_500, { system: 0.7, strangers: 1 }));
  meter.end();
  const use = meter.soFar();
  meter.read(reading(9_000, { system: 9 }));
  expect(meter.soFar()).toEqual(use);
  expect(use?.seconds).toMatchObject({ system: [0.5, 0], strangers: [0.5, 0.5], systemAtMost: [1, 0] });
});

const isLinux = process.platform === "linux";

test.runIf(isLinux)(
  "a service's processes are found, with what they have used and where they listen",
  async () => {
    const program = `
    require("node:net").createServer().listen(0, "127.0.0.1", function () { console.log(this.address().port); });
    const until = Date.now() + 300; while (Date.now() < until);`;
    const child = spawn(process.execPath, ["-e", program], {
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const [text] = (await once(child.stdout, "data")) as [Buffer];
    const pid = child.pid ?? 0;
    const groups = [{ pid, start: startOf(pid), marker: null }];
    const processes = new SystemProcesses(() => groups);
    processes.refresh();
    expect(processes.listensOn(Number(text))).toBe(true);
    expect(processes.listensOn(1)).toBe(false);
    // However little of the machine it had, starting Node takes more than a hundredth of a second.
    expect(processes.cpuS()).toBeGreaterThan(0);

    // The number of the group alone makes nobody a service: it may be a stranger's by now.
    for (const start of ["1", null]) {
      const strangers = new SystemProcesses(() => [{ pid, start, marker: "none/none" }]);
      strangers.refresh();
      expect(strangers.listensOn(Number(text))).toBe(false);
      expect(strangers.cpuS()).toBe(0);
    }

    const watch = await MachineWatch.open({ groups: () => groups, addresses: [`127.0.0.1:${Number(text)}`] });
    onTestFinished(() => watch.stop());
    const meter = watch.meter(monotonicMs());
    await sleep(250);
    watch.close(meter);
    expect(meter.soFar()?.seconds?.systemAtMost.length).toBeGreaterThan(0);
  },
);

test.runIf(isLinux)("a service that is started anew is known by its new group", async () => {
  const busy = () => spawn(process.execPath, ["-e", "for (;;);"], { detached: true, stdio: "ignore" });
  const groupOf = ({ pid = 0 }: ReturnType<typeof busy>) => ({ pid, start: startOf(pid), marker: null });
  const first = busy();
  let groups = [groupOf(first)];
  const processes = new SystemProcesses(() => groups);
  processes.refresh();
  await expect.poll(() => processes.cpuS(), { timeout: 20_000 }).toBeGreaterThan(0);
  first.kill("SIGKILL");
  await once(first, "exit");
  processes.refresh();
  expect(processes.cpuS()).toBe(0);
  const second = busy();
  onTestFinished(() => void second.kill("SIGKILL"));
  groups = [groupOf(second)];
  processes.refresh();
  await expect.poll(() => processes.cpuS(), { timeout: 20_000 }).toBeGreaterThan(0);
});

test.runIf(isLinux)("what a child has had does not go from its parent's CPU time when it ends", async () => {
  const child =
    "const until = Date.now() + 60_000; while (process.cpuUsage().user < 200_000 && Date.now() < until);";
  const program = `
    require("node:child_process").spawnSync(process.execPath, ["-e", ${JSON.stringify(child)}]);
    console.log("ended");
    setTimeout(() => {}, 60_000);`;
  const parent = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void parent.kill("SIGKILL"));
  await once(parent.stdout, "data");
  const { user, system } = ownTimes(parent.pid ?? 0);
  const withChildrenS = cpuSOf(parent.pid ?? 0) ?? 0;
  expect(withChildrenS - (user + system)).toBeGreaterThan(0.15);
});

test.runIf(isLinux)("a process that shares one CPU with others is seen waiting for it", async () => {
  // Both on the first CPU that this process may use: each gets half of it.
  const cpu = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1] ?? "0";
  const busy = Array.from({ length: 3 }, () =>
    spawn("taskset", ["-c", cpu, process.execPath, "-e", "for (;;);"], { detached: true, stdio: "ignore" }),
  );
  onTestFinished(() => {
    for (const child of busy) child.kill("SIGKILL");
  });
  const pid = busy[0]?.pid ?? 0;
  await expect.poll(() => startOf(pid), { timeout: 20_000 }).not.toBeNull();
  const processes = new SystemProcesses(() => [{ pid, start: startOf(pid), marker: null }]);
  processes.refresh();
  processes.waitedS();
  await expect.poll(() => processes.waitedS(), { timeout: 20_000 }).toBeGreaterThan(0.1);
});

test("a target on another network has nothing to do with who had this machine", async () => {
  const watch = await MachineWatch.open({ groups: () => [], addresses: ["203.0.113.9:80"] });
  onTestFinished(() => watch.stop());
  const meter = watch.meter(monotonicMs());
  await sleep(150);
  watch.close(meter);
  expect(meter.soFar()?.seconds?.systemAtMost.every((share) => share === 0)).toBe(true);
});

test("a phase that was seen late has all of its seconds, so that its record can be read", () => {
  // The thread that reads stood still while the phase began.
  const meter = new MachineMeter(1_000, reading(3_500, { system: 0.1 }), "here");
  meter.read(reading(4_000, { system: 0.6 }));
  expect(meter.soFar()?.seconds?.system).toEqual([0, 0, 0.5]);
  expect(JSON.stringify(meter.soFar())).not.toContain("null");
});

/** Without its children, in seconds: fields 14 and 15 of proc_pid_stat(5). */
function ownTimes(pid: number) {
  const fields = procStat(pid) ?? [];
  return { user: Number(fields[11]) / CLOCK_TICKS_PER_S, system: Number(fields[12]) / CLOCK_TICKS_PER_S };
}
