import { expect, test } from "vitest";
import { LiveCounters } from "../../../src/load/counting/live-counters.js";
import { SegmentReporter } from "../../../src/load/counting/segment-reporter.js";
import { Segments } from "../../../src/load/counting/segments.js";
import type { FromThread } from "../../../src/load/thread-messages.js";

function startReporter(pumpedUs: number) {
  const segments = new Segments(["home"]);
  const sent: FromThread[] = [];
  const counters = new LiveCounters(["home"]);
  const reporter = new SegmentReporter(
    segments,
    counters,
    () => pumpedUs,
    (message) => sent.push(message),
  );
  return { segments, reporter, counters, sent };
}

test("a segment is reported to have ended when it did, also in a thread that heard of its end too late", async () => {
  const { segments, reporter, sent } = startReporter(3_600_000);
  segments.begin({ id: "a", limits: [] }, 0, 0);
  // Meant to end after 2 s, but what was due until 3.5 s already belongs to it.
  segments.begin({ id: "b", limits: [] }, 2_000_000, 3_500_000);
  reporter.begun(2_000_000);
  await expect
    .poll(() => sent.filter((message) => message.kind === "drained"))
    .toEqual([{ kind: "drained", segmentId: "a", endUs: 3_500_000 }]);
});

test("bytes and connections are counted in the segment in which they passed, also when it ended a moment ago", () => {
  const { segments, reporter, sent } = startReporter(0);
  segments.begin({ id: "a", limits: [] }, 0, 0);
  reporter.begun(0);
  reporter.turn(0);
  reporter.traffic.opened();
  reporter.traffic.sent(100);
  // Announced, and not there yet.
  segments.begin({ id: "b", limits: [] }, 1_000_000, 0);
  reporter.begun(1_000_000);
  reporter.turn(999_999);
  reporter.traffic.received(200);
  reporter.turn(1_000_000);
  reporter.traffic.sent(7);
  reporter.snapshot("a", 1);
  reporter.snapshot("b", 2);
  const totals = sent.flatMap((message) =>
    message.kind === "progress" ? [[message.segmentId, message.totals]] : [],
  );
  expect(totals).toEqual([
    [
      "a",
      {
        connectionsOpened: 1,
        bytesSent: 100,
        bytesReceived: 200,
        reasons: [],
        samples: [],
        traces: [],
        statuses: [],
      },
    ],
    [
      "b",
      {
        connectionsOpened: 0,
        bytesSent: 7,
        bytesReceived: 0,
        reasons: [],
        samples: [],
        traces: [],
        statuses: [],
      },
    ],
  ]);
});

test("what ended last is told live before the load is known to be over: its threads may be ended then", async () => {
  const { segments, reporter, counters, sent } = startReporter(3_600_000);
  segments.begin({ id: "a", limits: [] }, 0, 0);
  reporter.begun(0);
  counters.restart(0, []);
  counters.ok(0, 1_000, 0);
  segments.end(1_000_000);
  reporter.ended();
  await expect.poll(() => sent.map(({ kind }) => kind)).toContain("drained");
  const [live] = sent.filter((message) => message.kind === "live");
  expect(live?.outcomes[0]).toBe(1);
  expect(sent.findIndex(({ kind }) => kind === "live")).toBeLessThan(
    sent.findIndex(({ kind }) => kind === "drained"),
  );
});
