import { expect, test } from "vitest";
import { KeptTraces } from "../../../src/measure/tracing/kept-traces.js";
import { type NotedTrace, NotedTraces } from "../../../src/measure/tracing/noted-traces.js";

let last = 0;

function trace(ms: number, reason: string | null = null, dueS = 0): NotedTrace {
  last += 1;
  const outcome = reason === null ? "ok" : "http_error";
  return { traceId: String(last).padStart(32, "0"), name: 0, outcome, reason, status: null, dueS, ms };
}

/** As a load thread does it. */
function note(noted: NotedTraces, ...traces: readonly NotedTrace[]): void {
  for (const each of traces) {
    if (each.reason === null ? noted.lacksSlow(each.ms) : noted.lacksFailed(each.reason)) noted.add(each);
  }
}

test("a thread notes the five slowest, and three failures of each reason up to twenty", () => {
  const noted = new NotedTraces();
  for (let ms = 1; ms <= 50; ms++) note(noted, trace(ms % 2 === 0 ? ms : 51 - ms));
  for (let n = 0; n < 40; n++) note(noted, trace(1, `status 50${n % 9}`));
  const taken = noted.take();
  expect(taken.filter(({ reason }) => reason === null).map(({ ms }) => ms)).toEqual([50, 50, 48, 48, 46]);
  const reasons = taken.flatMap(({ reason }) => reason ?? []);
  expect(reasons).toHaveLength(20);
  expect(new Set(reasons).size).toBe(9);
  expect(noted.take()).toEqual([]);
  note(noted, trace(1), trace(1, "status 500"));
  expect(noted.take()).toHaveLength(2);
});

test("a phase keeps the slowest of all threads, and ten failures of which each reason has its share", () => {
  const kept = new KeptTraces();
  kept.add([trace(5), trace(9), trace(1)]);
  kept.add([trace(7), trace(8), trace(6)]);
  for (let n = 0; n < 12; n++) kept.add([trace(2, "status 500", 10 - n / 10)]);
  kept.add(["a", "b", "c"].flatMap((reason) => [0, 1, 2, 3].map(() => trace(2, reason, 1))));
  const all = kept.all(["browse"]);
  expect(all.filter(({ reason }) => reason === null).map(({ ms }) => ms)).toEqual([9, 8, 7, 6, 5]);
  const failed = all.filter(({ reason }) => reason !== null);
  expect(failed).toHaveLength(10);
  expect(failed.filter(({ reason }) => reason === "status 500")).toHaveLength(3);
  expect(failed.map(({ dueS }) => dueS)).toEqual(failed.map(({ dueS }) => dueS).sort((a, b) => a - b));
  expect(all[0]).toMatchObject({ request: "browse" });
  expect(all[0]).not.toHaveProperty("name");
});
