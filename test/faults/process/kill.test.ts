import { expect, test, vi } from "vitest";
import { Kill } from "../../../src/faults/process/kill.js";
import { processAction } from "../../../src/faults/process-action.js";
import { monotonicMs } from "../../../src/support/clock.js";
import type { FaultlineError } from "../../../src/support/errors.js";
import { answerOf, oneService } from "../../helpers/one-service.js";

const killed = (signal: string, restartMs: number | null) =>
  processAction("kill", "db", { signal, restartMs });

/** Answers until it is told to end, and takes no notice of SIGTERM. */
const DEAF = `
  setTimeout(() => process.exit(), 120_000);
  process.on("SIGTERM", () => {});
  require("http").createServer((q, s) => s.end("deaf")).listen(process.env.PORT, "127.0.0.1");
`;

test("a killed service is gone with all its processes, and the run is not told that it failed", async () => {
  const failures: FaultlineError[] = [];
  const { service, url, faults } = await oneService(undefined, { onExit: (error) => failures.push(error) });
  await expect.poll(() => service.living().length, { timeout: 10_000 }).toBe(2);
  await faults.inject([killed("SIGKILL", null)]);
  await expect.poll(() => service.living(), { timeout: 10_000 }).toEqual([]);
  expect(await answerOf(url)).toBeNull();
  const proof = await faults.prove();
  expect(proof).toMatchObject({
    proven: true,
    strength: "observed",
    explanation: "db was killed (SIGKILL) and stayed dead",
    targets: [{ target: "db", evidence: { deed: "kill", processes: 2, signal: "SIGKILL" } }],
  });
  expect(faults.staysDone).toBe(true);
  await faults.clear();
  await expect.poll(() => service.ending, { timeout: 10_000 }).toBe("was killed by SIGKILL");
  expect(failures).toEqual([]);

  // A later fault finds nothing that it could be done to.
  await faults.inject([processAction("pause", "db", {})]);
  const later = await faults.prove();
  expect(later).toMatchObject({ proven: false, strength: "none" });
  expect(later.explanation).toContain("db had no process any more when the fault began");
});

test("a kill that cannot be taken back is remembered until the fault comes out, in whatever stage it was done", async () => {
  const { faults } = await oneService();
  await faults.inject([processAction("pause", "db", {})]);
  expect(faults.staysDone).toBe(false);
  await faults.inject([killed("SIGKILL", null)]);
  expect(faults.staysDone).toBe(true);
  await faults.inject([]);
  expect(faults.staysDone).toBe(true);
  await faults.clear();
  expect(faults.staysDone).toBe(false);
});

test("it comes back after its time, on the same port and as another process, and the way back counts from then", async () => {
  const { service, url, faults } = await oneService();
  const before = service.group.pid;
  const killedMs = monotonicMs();
  await faults.inject([killed("SIGTERM", 1_500)]);
  expect(faults.overSinceMs()).toBeNull();
  await expect.poll(() => answerOf(url), { timeout: 30_000 }).toMatch(/^ok/);
  expect(service.group.pid).not.toBe(before);
  expect(service.group.marker).toMatch(/\/db$/);
  expect(faults.overSinceMs()).toBeGreaterThanOrEqual(killedMs + 1_500);
  await expect
    .poll(async () => (await faults.prove()).explanation, { timeout: 10_000 })
    .toMatch(/^db was killed \(SIGTERM\) and came back after [\d.]+ s$/);
  expect((await faults.prove()).proven).toBe(true);
  await faults.clear();
  expect(await answerOf(url, 5_000)).toMatch(/^ok/);
});

test("a look at its processes that fails is told once, and the service comes back all the same", async () => {
  const { service } = await oneService();
  const living = service.living.bind(service);
  let looks = 0;
  vi.spyOn(service, "living").mockImplementation(() => {
    looks++;
    if (looks === 2 || looks === 3) throw new Error("EMFILE: too many open files");
    return living();
  });
  const events: string[] = [];
  const kill = new Kill(service, { signal: "SIGKILL", restartMs: 200, onEvent: (text) => events.push(text) });
  await kill.place();
  await expect.poll(() => events.at(-1), { timeout: 30_000 }).toMatch(/^db is back/);
  expect(events.filter((text) => text.includes("EMFILE"))).toEqual([
    "whether db is gone could not be seen: EMFILE: too many open files",
  ]);
  await kill.lift(false);
});

test("after it came back its end is its own again", async () => {
  const failures: FaultlineError[] = [];
  const { service, faults } = await oneService(undefined, { onExit: (error) => failures.push(error) });
  await faults.inject([killed("SIGKILL", 200)]);
  await expect.poll(() => service.living().length, { timeout: 30_000 }).toBe(2);
  await faults.clear();
  expect(failures).toEqual([]);
  service.signal("SIGKILL");
  await expect.poll(() => failures.length, { timeout: 10_000 }).toBe(1);
  expect(failures[0]).toMatchObject({ code: "SERVICE_FAILED" });
});

test("a service that does not come back ends the run, with what it printed", async () => {
  const failures: FaultlineError[] = [];
  // Its data are there once.
  const once = `
    const fs = require("fs");
    if (fs.existsSync("used")) { console.error("the data are in use"); process.exit(3); }
    fs.writeFileSync("used", "");
    setTimeout(() => process.exit(), 120_000);
    require("http").createServer((q, s) => s.end("ok")).listen(process.env.PORT, "127.0.0.1");
  `;
  const { faults } = await oneService(once, { onExit: (error) => failures.push(error) });
  await faults.inject([killed("SIGKILL", 200)]);
  await expect.poll(() => failures.length, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(failures[0]?.message).toMatch(/service "db" exited with code 3 before it was ready/);
  expect(failures[0]?.message).toContain("the data are in use");
});

test("a signal that a service takes no notice of is no fault, and is not proven", async () => {
  const { url, faults } = await oneService(DEAF);
  await faults.inject([killed("SIGTERM", 300)]);
  const proof = await faults.prove();
  expect(proof).toMatchObject({ proven: false, strength: "none" });
  expect(proof.explanation).toMatch(/^db did not end on SIGTERM: it still ran [\d.]+ m?s later$/);
  await faults.clear();
  expect(await answerOf(url, 5_000)).toBe("deaf");
});

test("the same kill in a later stage kills what has come back", async () => {
  const { service, url, faults } = await oneService();
  await faults.inject([killed("SIGKILL", 100)]);
  await expect.poll(() => answerOf(url), { timeout: 30_000 }).toMatch(/^ok/);
  const second = service.group.pid;
  await faults.inject([killed("SIGKILL", 100)]);
  await expect.poll(() => answerOf(url), { timeout: 30_000 }).toMatch(/^ok/);
  expect(service.group.pid).not.toBe(second);
  const proof = await faults.prove();
  expect(proof.proven).toBe(true);
  expect(proof.targets).toHaveLength(2);
});
