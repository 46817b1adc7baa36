// Control groups with a CPU quota (as root, cgroup v1 or v2).
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const NAME = "faultline-bench-";
/** How long what is in a group may take to end: a run takes its faults out. */
const GRACE_MS = 10_000;
const LOOK_MS = 100;
const V1 = "/sys/fs/cgroup/cpu";

/** Makes one, and says how a program gets into it. Removes those of benchmarks that were killed. */
export async function openQuotaGroup(cores, number = 0) {
  const isV1 = existsSync(join(V1, "cpu.cfs_quota_us"));
  const parent = isV1 ? V1 : "/sys/fs/cgroup";
  for (const name of readdirSync(parent)) {
    if (name.startsWith(NAME) && !isAlive(Number.parseInt(name.slice(NAME.length), 10)))
      await remove(join(parent, name));
  }
  const group = join(parent, `${NAME}${process.pid}-${number}`);
  mkdirSync(group);
  const periodUs = 100_000;
  const quotaUs = Math.round(cores * periodUs);
  // A group counts as a single program beside those outside of it: with a great weight the quota alone holds it back.
  if (isV1) {
    writeFileSync(join(group, "cpu.cfs_quota_us"), String(quotaUs));
    writeFileSync(join(group, "cpu.shares"), "262144");
  } else {
    writeFileSync(join(group, "cpu.max"), `${quotaUs} ${periodUs}`);
    writeFileSync(join(group, "cpu.weight"), "10000");
  }
  return { procs: join(group, "cgroup.procs"), close: () => remove(group) };
}

/** Ends what is still in it: a group can be removed when the last of its processes is gone. */
async function remove(group) {
  const members = () =>
    readFileSync(join(group, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
  for (const pid of members()) signal(pid, "SIGTERM");
  const deadline = performance.now() + GRACE_MS;
  while (members().length > 0) {
    if (performance.now() > deadline) for (const pid of members()) signal(pid, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  rmdirSync(group);
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // Gone.
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
