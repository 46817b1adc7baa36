import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { describeFault } from "../../src/faults/describe.js";
import { parseRecord } from "../../src/measure/read-record.js";

const FILE = fileURLToPath(new URL("../fixtures/records/format-1-faults.json", import.meta.url));
const text = readFileSync(FILE, "utf8");

/** The record with other injections for its first fault. */
function withInjections(injections: unknown, stages: unknown = []): string {
  const record = JSON.parse(text);
  Object.assign(record.faults[0], { injections, stages });
  return JSON.stringify(record);
}

test("a record of format 1 tells what its faults did as before, and is judged as before", () => {
  const record = parseRecord(text, "record.json");
  expect(record.formatVersion).toBe(1);
  expect(record.faults.map(({ actions }) => describeFault(actions, []))).toEqual([
    "latency 500 ms ± 50 ms on inventory",
    "nothing passes on inventory",
    "connections reset on inventory",
  ]);
  expect(record.faults[0]?.actions).toEqual([
    {
      kind: "latency",
      driver: "toxiproxy",
      target: "inventory",
      spec: {
        type: "latency",
        stream: "downstream",
        toxicity: 1,
        attributes: { latency: 500, jitter: 50 },
      },
    },
  ]);
  expect(analyse(record).faults.map(({ injection }) => injection.description)).toEqual([
    "latency 500 ms ± 50 ms on inventory",
    "nothing passes on inventory",
    "connections reset on inventory",
  ]);
  // It is written anew without what it was read from.
  expect(record.faults[0]).not.toHaveProperty("injections");
});

test("stages, what is down and toxics of a server's own are read as well", () => {
  const noop = { type: "noop", stream: "upstream", toxicity: 0.5, attributes: { x: 1 } };
  const stages = [{ atMs: 3_000, injections: [{ proxy: "cache", kind: "toxic", toxic: noop }] }];
  const [fault] = parseRecord(withInjections([{ proxy: "db", kind: "down" }], stages), "r.json").faults;
  expect(describeFault(fault?.actions ?? [], fault?.stages ?? [])).toBe(
    'connections refused on db; after 3 s: noop {"x":1} upstream on cache for 50% of connections',
  );
});

test("what is no injection is refused with its place", () => {
  const read = (injections: unknown) => () => parseRecord(withInjections(injections), "r.json");
  expect(read([{ proxy: "db", kind: "fire" }])).toThrow(
    /faults\[0\]\.injections\[0\].*expected an injection/,
  );
  expect(read(undefined)).toThrow(/faults\[0\]\.actions: expected a list; found nothing/);
});
