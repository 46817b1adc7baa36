import { expect, test } from "vitest";
import { LiveCounters } from "../../../src/load/counting/live-counters.js";
import type { IdWriter } from "../../../src/load/ids/id-writer.js";
import type { Logins } from "../../../src/load/mix/logins.js";
import { Ticket, type VirtualUser } from "../../../src/load/mix/ticket.js";
import { Outcomes } from "../../../src/load/thread/outcomes.js";
import type { RequestTraces } from "../../../src/load/tracing/request-traces.js";
import { OUTCOMES } from "../../../src/measure/outcome.js";
import { SegmentRecorder } from "../../../src/measure/segment-recorder.js";

const TIMEOUT_US = 500_000;
const ANSWER = { status: 503, headers: [], body: [Buffer.from("busy")] };

/** Outcomes of one segment, and who was told of them besides. */
function begun({ logsIn = false, keepsOldLogin = false } = {}) {
  const segment = new SegmentRecorder("a", 0, ["browse"], []);
  const live = new LiveCounters(["browse"]);
  live.restart(0, []);
  const told: string[] = [];
  // Of each of these just that much is called.
  const ids = { note: (_: Ticket, fate: string) => told.push(`id ${fate}`) } as unknown as IdWriter;
  const traces = {
    ok: () => told.push("trace ok"),
    failed: (_: Ticket, outcome: number) => told.push(`trace ${OUTCOMES[outcome]}`),
  } as unknown as RequestTraces;
  const logins = {
    succeeded: () => told.push("logged in"),
    refused: () => told.push("login refused"),
    failed: () => keepsOldLogin,
  } as unknown as Logins;
  const step = { name: 0, label: "browse", asksAgain: null, stream: null, timeoutUs: null, request: {} };
  const user = {
    sequence: { steps: [step], timed: null, logsIn },
    step: 0,
    clock: null,
  } as unknown as VirtualUser;
  const ticket = new Ticket(0, TIMEOUT_US, user, segment);
  const counted = () => {
    const counts = segment.peekOpen()[0]?.names[0]?.counts;
    const ended = OUTCOMES.filter((_, at) => counts?.outcomes[at] === 1);
    const { outcomes } = live.take("a", 1, []);
    return { ended, onScreen: OUTCOMES.filter((_, at) => outcomes[at] === 1), told };
  };
  return { outcomes: new Outcomes(live, ids, traces, logins), ticket, segment, counted, told };
}

const WAYS: readonly (readonly [
  what: string,
  end: (outcomes: Outcomes, ticket: Ticket) => unknown,
  ending: unknown,
  outcome: string,
  told: readonly string[],
])[] = [
  [
    "a good answer",
    (outcomes, ticket) => outcomes.ok(ticket, 200, 1_000, false, false),
    "good",
    "ok",
    ["trace ok", "id acknowledged"],
  ],
  [
    "an answer that is asked for again",
    (outcomes, ticket) => outcomes.ok(ticket, 200, 1_000, false, true),
    "again",
    "ok",
    ["trace ok"],
  ],
  [
    "a bad answer",
    (outcomes, ticket) => outcomes.bad(ticket, ANSWER, "status 503", 1_000),
    "bad",
    "http_error",
    ["id refused", "trace http_error"],
  ],
  [
    "a request that has left and is late",
    (outcomes, ticket) => outcomes.late(ticket, "no whole answer in time", true, 600_000),
    "bad",
    "timeout",
    ["id unknown", "trace timeout"],
  ],
  [
    "a request that never left and is late",
    (outcomes, ticket) => outcomes.late(ticket, "no connection in time", false, 600_000),
    "bad",
    "timeout",
    ["id refused"],
  ],
  [
    "a refused connection",
    (outcomes, ticket) => outcomes.broken(ticket, "refused", "ECONNREFUSED", 1_000),
    "refused",
    "refused",
    ["id refused"],
  ],
  [
    "a lost connection",
    (outcomes, ticket) => outcomes.broken(ticket, "reset", "ECONNRESET", 1_000),
    "bad",
    "reset",
    ["id unknown", "trace reset"],
  ],
  [
    "what is no answer",
    (outcomes, ticket) => outcomes.broken(ticket, "malformed", "malformed answer", 1_000),
    "bad",
    "http_error",
    ["id unknown", "trace http_error"],
  ],
  [
    "a request that was not sent",
    (outcomes, ticket) => outcomes.unsent(ticket, true, "the load generator could not keep up"),
    undefined,
    "unsent",
    [],
  ],
];

test.each(WAYS)("%s is one outcome, for the segment as on the screen", (_, end, ending, outcome, told) => {
  const { outcomes, ticket, segment, counted } = begun();
  expect(segment.unsettled).toBe(1);
  expect(end(outcomes, ticket)).toBe(ending);
  expect(segment.unsettled).toBe(0);
  expect(counted()).toEqual({ ended: [outcome], onScreen: [outcome], told });
});

test("a refused connection behind a redirect says nothing of what became of the request", () => {
  const { outcomes, ticket, told } = begun();
  ticket.isFollowing = true;
  outcomes.broken(ticket, "refused", "ECONNREFUSED", 1_000);
  expect(told).toEqual(["id unknown", "trace refused"]);
});

test("a timeout takes as long as it is set to, however late it is noticed", () => {
  const { outcomes, ticket, segment } = begun();
  outcomes.late(ticket, "no whole answer in time", true, 10 * TIMEOUT_US);
  const { failures } = segment.peekOpen()[0]?.names[0]?.counts ?? {};
  const [first] = failures?.byOutcome.filter(({ counts }) => counts.length > 0) ?? [];
  expect(first).toEqual(failures?.dispatch);
  const early = begun();
  early.outcomes.late(early.ticket, "no whole answer in time", true, TIMEOUT_US);
  expect(early.segment.peekOpen()).toEqual(segment.peekOpen());
});

test("a login that could not be renewed lets its user go on with the old one, and its answer is no example", () => {
  const kept = begun({ logsIn: true, keepsOldLogin: true });
  expect(kept.outcomes.bad(kept.ticket, ANSWER, "status 503", 1_000)).toBe("good");
  expect(kept.segment.takeTotals().samples).toEqual([]);
  const lost = begun({ logsIn: true });
  expect(lost.outcomes.bad(lost.ticket, ANSWER, "status 503", 1_000)).toBe("bad");
  const plain = begun();
  plain.outcomes.bad(plain.ticket, ANSWER, "status 503", 1_000);
  expect(plain.segment.takeTotals().samples).toMatchObject([{ reason: "status 503", status: 503 }]);
});

test("a good login is kept for the users that come after", () => {
  const { outcomes, ticket, told } = begun({ logsIn: true });
  outcomes.ok(ticket, 200, 1_000, false, false);
  expect(told).toContain("logged in");
});
