import { expect, test } from "vitest";
import { describeActions, describeFault } from "../../src/faults/describe.js";
import type { ToxicSpec } from "../../src/faults/toxic.js";
import { toxicOn } from "../helpers/actions.js";

const toxic = (type: string, attributes: Record<string, number>, more: Partial<ToxicSpec> = {}) =>
  toxicOn("cache", type, attributes, more);

test.each([
  [toxic("latency", { latency: 300, jitter: 50 }), "latency 300 ms ± 50 ms on cache"],
  [toxic("latency", { latency: 1234 }, { stream: "upstream" }), "latency 1.234 s upstream on cache"],
  [toxic("bandwidth", { rate: 100 }), "at most 100 kB/s on cache"],
  [toxic("latency", { latency: 2_147_483_647 }), "all data held back downstream on cache"],
  [toxic("bandwidth", { rate: 0 }), "all data held back downstream on cache"],
  [toxic("limit_data", { bytes: 1_000_000_000 }), "closed after 1 GB on cache"],
  [toxic("limit_data", { bytes: 1_025 }), "closed after 1.025 kB on cache"],
  [
    toxic("slicer", { average_size: 32, size_variation: 8, delay: 10_000 }),
    "pieces of 32 B ± 8 B, 10 ms apart on cache",
  ],
  [toxic("slicer", { average_size: 5_000, delay: 100 }), "pieces of 5 kB ± 0 B, 0.1 ms apart on cache"],
  [toxic("reset_peer", { timeout: 3_600_000 }), "connections reset after 1 h on cache"],
  [toxic("slow_close", { delay: 5_000 }), "closes 5 s late on cache"],
  [toxic("timeout", { timeout: 1_500 }), "nothing passes, closed after 1.5 s on cache"],
  [toxic("latency", { latency: 200 }, { toxicity: 0.4 }), "latency 200 ms on cache for 40% of connections"],
])("what is done is told in units that people read, and not rounded: %#", (action, text) => {
  expect(describeActions([action])).toBe(text);
});

test.each([
  ["timeout", { timeout: 0 }, "nothing passes on cache"],
  ["latency", { latency: 2_147_483_647 }, "all data held back on cache"],
  ["bandwidth", { rate: 0 }, "all data held back on cache"],
])("a cut both ways is one thing: %s", (type, attributes, text) => {
  const both = [toxic(type, attributes, { stream: "upstream" }), toxic(type, attributes)];
  expect(describeActions(both)).toBe(text);
});

test("a fault in stages is told with all of them", () => {
  const slow = (latency: number) => [toxic("latency", { latency })];
  const stages = [
    { atMs: 3_000, actions: [] },
    { atMs: 6_500, actions: slow(80) },
  ];
  expect(describeFault(slow(20), stages)).toBe(
    "latency 20 ms on cache; after 3 s: nothing; after 6.5 s: latency 80 ms on cache",
  );
  expect(describeFault(slow(20), [])).toBe("latency 20 ms on cache");
});
