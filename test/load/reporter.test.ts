import { expect, test } from "vitest";
import { LiveCounters } from "../../src/load/thread/live-counters.js";
import type { FromThread } from "../../src/load/thread/messages.js";
import { Reporter } from "../../src/load/thread/reporter.js";
import { Segments } from "../../src/load/thread/segments.js";

test("a segment is reported to have ended when it did, also in a thread that heard of its end too late", () => {
  const segments = new Segments(["home"]);
  const sent: FromThread[] = [];
  const reporter = new Reporter(segments, new LiveCounters(["home"]), (message) => sent.push(message));
  segments.begin({ id: "a", limits: [] }, 0, 0);
  // Meant to end after 2 s, but what was due until 3.5 s already belongs to it.
  segments.begin({ id: "b", limits: [] }, 2_000_000, 3_500_000);
  const [first] = segments.all;
  if (!first) throw new Error("no segment");
  reporter.ifDrained(first, 3_600_000);
  expect(sent.filter((message) => message.kind === "drained")).toEqual([
    { kind: "drained", segmentId: "a", endUs: 3_500_000 },
  ]);
});
