import { expect, test as oneTest } from "vitest";
import { monotonicMs, sleep } from "../../../src/support/clock.js";
import { loadOf, openCrew, until } from "../../helpers/crews.js";
import { startCrowd } from "../../helpers/crowd/start-crowd.js";
import { loadPlan, openModel, sum, totals } from "../../helpers/load-plans.js";
import { hasNats, startNats } from "../../helpers/real-nats.js";

/** `npm run bench -- worker-crowd` takes any number of them. One after the other: each takes half a machine. */

const test = oneTest.skipIf(!hasNats);

const MANY = 1_000;
/** Where a process stands still for seconds, workers are lost, as they must be. */
const MOST_TRIES = 3;
const WORKERS = 200;
const RATE = 2_000;

/** Nobody is there: nobody sends anything. */
const TARGET = "http://127.0.0.1:9/";

/** Three seconds of load by a thousand workers, in two segments. */
async function loadByMany() {
  const nats = await startNats();
  // They share connections: a thousand take more CPU than all workers and the run together.
  const crowd = await startCrowd(nats.url, MANY, { processes: 4, connections: 40 });
  const { crew, warnings } = await openCrew(nats.url, { expect: MANY, withinMs: 60_000 });
  const session = await loadOf(crew, loadPlan(TARGET, openModel(RATE, MANY)));
  const { startedAtMs } = await session.begin({ id: "first", limits: [] });
  await until(startedAtMs + 2_000);
  await session.begin({ id: "second", limits: [] }, startedAtMs + 2_000);
  const first = await session.drain("first");
  await until(startedAtMs + 3_000);
  await session.end(startedAtMs + 3_000);
  const second = await session.drain("second");
  const seen = crew.records(["first", "second"], (atMs) => atMs);
  const asked = await crowd.tell();
  await session.stop();
  await crew.close();
  crowd.end();
  return { names: crowd.names, measured: { first, second }, seen, asked, warnings };
}

test("a thousand workers: the record is the sum of what each has asked, none lost and none twice", async () => {
  for (let tries = 1; ; tries++) {
    const { names, measured, seen, asked, warnings } = await loadByMany();
    for (const [id, { all, lostWorkers = [] }] of Object.entries(measured)) {
      const { ok, unsent, scheduled } = totals(all);
      expect(ok + unsent).toBe(scheduled);
      expect(unsent).toBe(sum(lostWorkers.flatMap(({ due }) => due)));
      expect(ok).toBeLessThanOrEqual(sum(asked[id]?.scheduled ?? []));
    }
    if (warnings.length > 0 && tries < MOST_TRIES) continue;
    expect(warnings).toEqual([]);
    for (const [id, { all, lost, lostWorkers }] of Object.entries(measured)) {
      const own = asked[id];
      expect([lost, lostWorkers]).toEqual([null, undefined]);
      expect(all.scheduled).toEqual(own?.scheduled);
      expect(all.outcomes.ok).toEqual(own?.scheduled);
      const { cells, counts } = all.histograms.latency;
      expect([...cells]).toEqual(own?.latency.cells);
      expect([...counts]).toEqual(own?.latency.counts);
      const byWorker = seen.flatMap(({ name, phases }) =>
        phases.filter((phase) => phase.id === id).map(({ scheduled }) => [name, scheduled]),
      );
      expect(Object.fromEntries(byWorker)).toEqual(own?.byWorker);
    }
    expect(seen.map(({ name }) => name)).toEqual(names);
    // Who hears late of the end, on a busy machine, goes on a little longer.
    const { first, second } = measured;
    const total = totals(first.all).scheduled + totals(second.all).scheduled;
    expect(total).toBeGreaterThanOrEqual(3 * RATE);
    if (second.durationS === 1) expect(total).toBe(3 * RATE);
    return;
  }
});

test("of two hundred workers ten go, and the server is started anew: each request is in the record once", async () => {
  const nats = await startNats();
  const crowd = await startCrowd(nats.url, WORKERS);
  const { crew, warnings } = await openCrew(nats.url, { expect: WORKERS });
  const session = await loadOf(crew, loadPlan(TARGET, openModel(RATE, 1_000)));
  const { startedAtMs } = await session.begin({ id: "only", limits: [] });
  await sleep(800);
  const gone = crowd.names.filter((_, at) => at % 20 === 7);
  crowd.leave(gone);
  const isTold = () => gone.every((name) => warnings.some((text) => text.includes(name)));
  for (let tries = 0; !isTold() && tries < 200; tries++) await sleep(25);
  await nats.kill();
  await sleep(200);
  await nats.start();
  const endMs = Math.max(startedAtMs + 4_000, Math.ceil(monotonicMs() + 2_000));
  await until(endMs);
  await session.end(endMs);
  const { all, durationS, lostWorkers = [], reasons, lost } = await session.drain("only");
  const asked = sum((await crowd.tell()).only?.scheduled ?? []);
  const { ok, unsent, scheduled } = totals(all);
  const due = sum(lostWorkers.flatMap((worker) => worker.due));
  expect(isTold()).toBe(true);
  // On a busy machine two hundred may take longer to connect again than a run waits. Then all of them are lost, and that is told.
  expect(lost === null || lostWorkers.length === WORKERS).toBe(true);
  for (const name of gone) expect(lostWorkers.map(({ worker }) => worker)).toContain(name);
  // What was due was asked, or is missed. What the lost ones have asked and not told is missed as well.
  expect(ok + unsent).toBe(scheduled);
  expect(unsent).toBe(due);
  expect(ok).toBeLessThanOrEqual(asked);
  expect(all.scheduled.slice(0, Math.floor(durationS) - 1)).toEqual(
    Array.from({ length: Math.floor(durationS) - 1 }, () => RATE),
  );
  expect(due).toBeGreaterThan((gone.length / WORKERS) * RATE);
  if (lostWorkers.length === gone.length) {
    expect(sum(gone.map((name) => reasons[`unsent: lost with worker ${name}`] ?? 0))).toBe(due);
  }
});
