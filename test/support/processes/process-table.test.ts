import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import {
  type ProcessTable,
  procTable,
  psTable,
  SERVICE_MARKER,
  startOf,
} from "../../../src/support/processes/process-table.js";

// Both are tried where both work: what asks ps is for the systems that have no /proc.
const tables: Readonly<Record<string, ProcessTable>> =
  process.platform === "linux" ? { procTable, psTable } : { psTable };

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
    const start = startOf(pid, table);
    expect(start).toMatch(/\d/);
    // The first process of the machine began long before.
    expect(startOf(1, table)).not.toBe(start);
    const zone = process.env.TZ;
    process.env.TZ = zone === "Asia/Tokyo" ? "UTC" : "Asia/Tokyo";
    // `heal` may run with other settings than the run that it asks about.
    expect(startOf(pid, table)).toBe(start);
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
    end();
    await gone;
    expect(startOf(pid, table)).toBeNull();
  },
);

test.each(Object.entries(tables))(
  "%s: a leader and its child are of one group, and the one is the other's parent",
  async (_, table) => {
    const { pid, end, gone } = await startGroup("run-1/shop");
    const members = table.rows().filter(({ group }) => group === pid);
    expect(members).toHaveLength(2);
    expect(members).toContainEqual(table.row(pid));
    expect(members).toContainEqual(expect.objectContaining({ parent: pid, isZombie: false }));
    end();
    await gone;
    await expect
      .poll(() => table.rows().filter(({ group, isZombie }) => group === pid && !isZombie))
      .toEqual([]);
  },
);

test.each(Object.entries(tables))("%s: a dead process that nobody has collected is a zombie", (_, table) => {
  const parent = spawn("sh", ["-c", "sleep 0 & exec sleep 60"], { stdio: "ignore" });
  onTestFinished(() => void parent.kill("SIGKILL"));
  return expect
    .poll(() => table.rows().find((row) => row.parent === parent.pid)?.isZombie, { timeout: 8_000 })
    .toBe(true);
});

test.runIf(process.platform === "linux")("a marker is read from the environment, whole", async () => {
  const marker = `table-test-${process.pid}/shop`;
  const { pid } = await startGroup(marker);
  expect(procTable.markerOf(pid)).toBe(marker);
  expect(procTable.markerOf(1)).toBeNull();
  expect(procTable.markerOf(2 ** 22 - 3)).toBeNull();
});
