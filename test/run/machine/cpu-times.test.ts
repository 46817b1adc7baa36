import { expect, test } from "vitest";
import { statFiles } from "../../../src/run/machine/cpu-quota.js";
import { parseCpuList, parseStat } from "../../../src/run/machine/cpu-times.js";
import { parseThrottled } from "../../../src/support/processes/control-groups.js";

const STAT = `cpu  200 10 100 1600 40 6 14 30 0 0
cpu0 100 5 50 800 20 3 7 15 0 0
cpu1 100 5 50 800 20 3 7 15 0 0
intr 12345 0 0
`;

test("idle and waiting time are no use, and stolen time is counted apart", () => {
  expect(parseStat(STAT)).toEqual({ busyS: 3.3, stolenS: 0.3, allS: 20 });
  expect(() => parseStat("cpu0 1 2\n")).toThrow(/proc_stat/);
  expect(() => parseStat("")).toThrow(/proc_stat/);
});

test("only the CPUs count that this process may use", () => {
  expect([...parseCpuList("0-2,8\n")]).toEqual([0, 1, 2, 8]);
  expect(parseStat(STAT, parseCpuList("1"))).toEqual({ busyS: 1.65, stolenS: 0.15, allS: 10 });
});

test("throttled time is read from both versions of cgroups", () => {
  expect(parseThrottled("nr_periods 10\nnr_throttled 4\nthrottled_time 2500000000\n")).toBe(2.5);
  expect(parseThrottled("usage_usec 1\nnr_throttled 4\nthrottled_usec 2500000\n")).toBe(2.5);
  expect(parseThrottled("usage_usec 1\n")).toBe(0);
});

test("a quota on this group or on any above it is looked for", () => {
  const v1 = "31 24 0:27 / /sys/fs/cgroup/cpu rw,relatime shared:5 - cgroup cgroup rw,cpu,cpuacct\n";
  expect(statFiles("4:cpu,cpuacct:/build/42\n3:memory:/other\n", v1)).toEqual([
    "/sys/fs/cgroup/cpu/build/42/cpu.stat",
    "/sys/fs/cgroup/cpu/build/cpu.stat",
    "/sys/fs/cgroup/cpu/cpu.stat",
  ]);
  const v2 = "31 24 0:27 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n";
  expect(statFiles("0::/\n", v2)).toEqual(["/sys/fs/cgroup/cpu.stat"]);
  // In a container the path may be the host's.
  const inside = "31 24 0:27 /docker/ab /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n";
  expect(statFiles("4:cpu:/docker/ab\n", inside)).toEqual(["/sys/fs/cgroup/cpu/cpu.stat"]);
});
