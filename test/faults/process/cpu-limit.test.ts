import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { placesHere, placesIn } from "../../../src/faults/process/control-group.js";
import { CpuLimit } from "../../../src/faults/process/cpu-limit.js";
import { undo } from "../../../src/faults/process/undo.js";
import { processAction } from "../../../src/faults/process-action.js";
import { sleep } from "../../../src/support/clock.js";
import { answerOf, oneService } from "../../helpers/one-service.js";

/** Needs a whole core for as long as it may have one, and so does its child; both answer to no one else's need. */
const HUNGRY = `
  setTimeout(() => process.exit(), 120_000);
  const spin = () => { const until = Date.now() + 5; while (Date.now() < until); setImmediate(spin); };
  require("child_process").spawn(process.execPath, ["-e", "setTimeout(() => process.exit(), 120_000); const spin = () => { const until = Date.now() + 5; while (Date.now() < until); setImmediate(spin); }; spin()"], { stdio: "ignore" });
  require("http").createServer((q, s) => s.end("ok")).listen(process.env.PORT, "127.0.0.1", spin);
`;
const AT_MOST = 0.2;
const limited = processAction("cpu", "db", { share: AT_MOST });
const canGroup = placesHere("cpu").some(({ version }) => version === 1) && process.getuid?.() === 0;

test.runIf(process.platform === "linux")(
  "without a control group a service is held to its share of a core by stopping it and letting it go on",
  async () => {
    const { service } = await oneService(HUNGRY);
    await expect.poll(() => service.living().length, { timeout: 10_000 }).toBe(2);
    const deeds: unknown[] = [];
    const limit = new CpuLimit(service, {
      share: AT_MOST,
      id: "test",
      note: (deed) => deeds.push(deed),
      places: [],
    });
    await limit.place();
    await sleep(4_000);
    const { proven, evidence } = limit.prove();
    await limit.lift();
    expect(evidence).toMatchObject({ deed: "cpu", way: "stopping", processes: 2, isHeldTo: true });
    expect(proven).toBe(true);
    // Some ten times a second where the machine has nothing else to do.
    expect(evidence).toHaveProperty(
      "timesHeld",
      expect.toSatisfy((times: number) => times >= 5),
    );
    expect(deeds).toMatchObject([{ deed: "stop", group: service.group }]);
    expect(service.living().map(({ isStopped }) => isStopped)).toEqual([false, false]);
  },
);

/** Does nothing itself: one short child after the other has all the work. */
const DELEGATING = `
  setTimeout(() => process.exit(), 120_000);
  const child = "const until = Date.now() + 60_000; while (process.cpuUsage().user < 100_000 && Date.now() < until);";
  const next = () => require("child_process").spawn(process.execPath, ["-e", child], { stdio: "ignore" }).on("exit", next);
  require("http").createServer((q, s) => s.end("ok")).listen(process.env.PORT, "127.0.0.1", next);
`;

test.runIf(process.platform === "linux")(
  "what children have had counts when they have ended, too: they live shorter than it takes to look for them",
  async () => {
    const { service } = await oneService(DELEGATING);
    await expect.poll(() => service.living().length, { timeout: 10_000 }).toBe(2);
    const limit = new CpuLimit(service, { share: AT_MOST, id: "test", note: () => {}, places: [] });
    await limit.place();
    await sleep(5_000);
    const { proven, evidence } = limit.prove();
    await limit.lift();
    expect(evidence).toMatchObject({ deed: "cpu", way: "stopping" });
    expect(evidence).toHaveProperty(
      "timesHeld",
      expect.toSatisfy((times: number) => times >= 2),
    );
    // Without what the ended ones have had, it would be that of at most one child.
    expect(evidence).toHaveProperty(
      "usedS",
      expect.toSatisfy((usedS: number) => usedS > 0.3),
    );
    expect(proven).toBe(true);
  },
);

test.runIf(canGroup)(
  "where one can be made, a control group holds it, and nothing is left of that",
  async () => {
    const { service, url, faults, entries } = await oneService(HUNGRY);
    await expect.poll(() => service.living().length, { timeout: 10_000 }).toBe(2);
    const home = groupsOf(service.group.pid);
    await faults.inject([limited]);
    expect(groupsOf(service.group.pid)).toMatch(/\/faultline-[^\n]*-db$/m);
    await sleep(3_000);
    const proof = await faults.prove();
    expect(proof).toMatchObject({ proven: true, strength: "observed" });
    expect(proof.explanation).toMatch(
      /^db had at most 20% of a core: it used [\d.]+% and was held back [\d,]+ times \(by a control group, cgroup v1\)$/,
    );
    await faults.clear();
    expect(groupsOf(service.group.pid)).toBe(home);
    expect(await answerOf(url, 10_000)).toBe("ok");
    // It is gone, so there is nothing to undo.
    expect(await undo(entries, { dryRun: false })).toEqual({ did: [], failures: [] });
  },
);

test.runIf(canGroup)("another process removes the control group by what was written down", async () => {
  const { service, faults, entries } = await oneService(HUNGRY);
  const home = groupsOf(service.group.pid);
  await faults.inject([limited]);
  const written = JSON.parse(JSON.stringify(entries));
  const said = 'remove the control group of service "db"';
  expect(await undo(written, { dryRun: true })).toEqual({ did: [said], failures: [] });
  expect(groupsOf(service.group.pid)).not.toBe(home);
  expect(await undo(written, { dryRun: false })).toEqual({ did: [said], failures: [] });
  expect(groupsOf(service.group.pid)).toBe(home);
});

test.runIf(process.platform === "linux")(
  "a service that needs less than its share has not met the fault",
  async () => {
    const { faults } = await oneService();
    // What it does at its start may well take more.
    await sleep(1_000);
    await faults.inject([processAction("cpu", "db", { share: 1 })]);
    await sleep(500);
    const proof = await faults.prove();
    expect(proof).toMatchObject({ proven: false, isIdle: true });
    expect(proof.explanation).toMatch(/^db never needed more than 100% of a core: it used [\d.]+%$/);
    await faults.clear();
  },
);

test("with version 2 a group is made where the CPU is shared out among groups: beside our own, or below the root", () => {
  const mountPoint = mkdtempSync(join(tmpdir(), "faultline-cgroup-"));
  const folder = join(mountPoint, "user", "app");
  mkdirSync(folder, { recursive: true });
  const share = (at: string, controllers: string) =>
    writeFileSync(join(at, "cgroup.subtree_control"), `${controllers}\n`);
  share(mountPoint, "cpu memory");
  share(join(mountPoint, "user"), "memory");
  share(folder, "");
  const place = { version: 2, mountPoint, within: "/user/app" } as const;
  expect(placesIn(place, "cpu")).toEqual([]);
  share(join(mountPoint, "user"), "memory cpu");
  expect(placesIn(place, "cpu")).toEqual([{ version: 2, parent: join(mountPoint, "user"), home: folder }]);
  expect(placesIn({ ...place, within: "/" }, "cpu")).toEqual([
    { version: 2, parent: join(mountPoint, "/"), home: join(mountPoint, "/") },
  ]);
});

test("no group but one of faultline's own is removed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "theirs-"));
  const entry = {
    driver: "process",
    undo: { deed: "quota", service: "db", folder, home: "/" },
    text: "a group",
  };
  expect(await undo([entry], { dryRun: false })).toEqual({ did: [], failures: [] });
  expect(readFileSync(`/proc/self/cgroup`, "utf8")).not.toBe("");
});

/** Of a process. */
function groupsOf(pid: number | null): string {
  return readFileSync(`/proc/${pid}/cgroup`, "utf8");
}
