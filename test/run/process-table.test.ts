import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { procTable, psTable, SERVICE_MARKER } from "../../src/run/process-table.js";

// Both are tried where both work: what asks ps is for the systems that have no /proc.
const tables = process.platform === "linux" ? { procTable, psTable } : { psTable };

/** A leader with a child in its group. Resolves when both run. */
async function startGroup(marker: string) {
  const child = 'require("child_process").spawn("sleep", ["60"], { stdio: "ignore" })';
  const leader = spawn(process.execPath, ["-e", `${child}.once("spawn", () => console.log("runs"))`], {
    detached: true,
    env: { ...process.env, [SERVICE_MARKER]: marker },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pid = leader.pid ?? Number.NaN;
  const gone = once(leader, "exit");
  const end = () => {
    if (leader.exitCode === null && leader.signalCode === null) process.kill(-pid, "SIGKILL");
  };
  onTestFinished(end);
  await once(leader.stdout, "data");
  return { pid, end, gone };
}

test.each(Object.entries(tables))(
  "%s: a process is known by when it began, until it is gone",
  async (_, table) => {
    const { pid, end, gone } = await startGroup("run-1/shop");
    const start = table.startOf(pid);
    expect(start).toMatch(/\d/);
    // The first process of the machine began long before.
    expect(table.startOf(1)).not.toBe(start);
    const zone = process.env.TZ;
    process.env.TZ = zone === "Asia/Tokyo" ? "UTC" : "Asia/Tokyo";
    // `heal` may run with other settings than the run that it asks about.
    expect(table.startOf(pid)).toBe(start);
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
    end();
    await gone;
    expect(table.startOf(pid)).toBeNull();
  },
);

test.each(Object.entries(tables))(
  "%s: the members of a group are its leader and its children, and nobody else",
  async (_, table) => {
    const { pid, end, gone } = await startGroup("run-1/shop");
    const members = table.members(pid, "no-such-marker");
    expect(members).toHaveLength(2);
    expect(members).toContain(pid);
    expect(table.members(null, "no-such-marker")).toEqual([]);
    end();
    await gone;
    await expect.poll(() => table.members(pid, "no-such-marker")).toEqual([]);
  },
);

test.runIf(process.platform === "linux")(
  "a marker finds the processes of one service, or of all of a run",
  async () => {
    const marker = `table-test-${process.pid}/shop`;
    const { pid } = await startGroup(marker);
    expect(procTable.members(null, marker)).toContain(pid);
    expect(procTable.members(null, marker)).toHaveLength(2);
    expect(procTable.members(null, `table-test-${process.pid}/`)).toHaveLength(2);
    expect(procTable.members(null, `table-test-${process.pid}/sho`)).toEqual([]);
  },
);
