/** Runs of each kind that a report has to tell, made from sketches; the same bytes every time. */

import { proxyTarget } from "../../src/faults/proof.js";
import type { RunRecord } from "../../src/measure/record.js";
import { buildRecord, type PhaseSketch, type RunSketch } from "./record-builder.js";

const SLOS = ["availability >= 99%", "p99 < 400ms", "p99(checkout) < 3x baseline", "recovery < 5s"];
const BAD_INVENTORY = "inventory cut off";

function shop(phases: readonly PhaseSketch[], more: Partial<RunSketch> = {}): RunRecord {
  return buildRecord({
    hypothesis: "A slow, unreachable or failing inventory costs freshness, never orders.",
    requests: ["browse", "checkout"],
    slos: SLOS,
    ratePerS: 100,
    phases: [{ kind: "warmup", seconds: 5 }, { kind: "baseline", seconds: 40 }, ...phases],
    events: [
      { atS: -2.1, kind: "service", text: "shop is ready" },
      { atS: 45, kind: "inject", text: "first fault" },
    ],
    ...more,
  });
}

function fault(
  name: string,
  during: Partial<PhaseSketch>,
  after: Partial<PhaseSketch> = {},
  seconds = 60,
): PhaseSketch[] {
  return [
    { kind: "fault", fault: name, seconds, ...during },
    { kind: "recovery", fault: name, seconds, ...after },
  ];
}

const REASONS = { "status 503": 412, "no answer within 1 s": 231 };
const REASONS_OF = {
  browse: { "no answer within 1 s": 81 },
  checkout: { "status 503": 412, "no answer within 1 s": 150 },
};
const OF = {
  browse: { bad: { timeout: 0.03 }, failedAfterMs: 40 },
  checkout: { bad: { timeout: 0.05, http_error: 0.14 }, failedAfterMs: 40 },
};

export const SAVED_RUNS = {
  pass: () =>
    shop([...fault("slow inventory", { medianMs: 9 }), ...fault(BAD_INVENTORY, {})], {
      name: "Shop survives a bad inventory",
    }),
  fail: () =>
    shop([
      ...fault("slow inventory", { medianMs: 320, spread: 0.1 }),
      ...fault(
        BAD_INVENTORY,
        {
          of: OF,
          at: (s) => (s < 2 ? { of: {} } : {}),
          reasons: REASONS,
          reasonsOf: REASONS_OF,
          machine: { busy: 0.971, stolen: 0.012 },
        },
        { at: (s) => (s < 3 ? { bad: { http_error: 0.9 } } : {}) },
      ),
      ...fault(
        "inventory resets connections",
        { bad: { reset: 0.4 }, failedAfterMs: 700 },
        { bad: { reset: 0.4 }, failedAfterMs: 700 },
      ),
    ]),
  "load-test": () =>
    shop([], {
      slos: ["availability >= 99%", "p99 < 400ms", "p90(browse) < 300ms"],
      phases: [
        { kind: "warmup", seconds: 5 },
        {
          kind: "baseline",
          seconds: 60,
          of: { checkout: { bad: { http_error: 0.08 } }, browse: { bad: { timeout: 0.001 } } },
          reasons: { "status 503": 242, "no answer within 1 s": 3 },
          reasonsOf: { checkout: { "status 503": 242 }, browse: { "no answer within 1 s": 3 } },
          machine: { busy: 0.61, stolen: 0 },
        },
      ],
      events: [],
    }),
  inconclusive: () => shop(fault("slow inventory", { bad: { http_error: 0.002 } }, {}, 12), { ratePerS: 20 }),
  invalid: () =>
    shop(fault(BAD_INVENTORY, {}), {
      faults: [
        {
          name: BAD_INVENTORY,
          proof: {
            strength: "none",
            proven: false,
            explanation: "Nothing crossed the proxy: the shop does not connect through it.",
            targets: [
              proxyTarget({
                proxy: "inventory",
                toxics: ["timeout_downstream"],
                isEnabled: true,
                traffic: {
                  listen: "127.0.0.1:6391",
                  upstream: "127.0.0.1:6390",
                  baseline: { connections: 0, bytes: 0 },
                  fault: { connections: 0, bytes: 0 },
                },
              }),
            ],
          },
        },
      ],
    }),
  aborted: () =>
    shop(
      [
        { kind: "fault", fault: BAD_INVENTORY, seconds: 9, bad: { refused: 0.95 } },
        { kind: "recovery", fault: BAD_INVENTORY, seconds: 5 },
      ],
      {
        faults: [
          { name: BAD_INVENTORY },
          { name: "slow inventory", notRun: "the run was aborted before it" },
        ],
        ending: { kind: "aborted", reason: "error_rate > 80% for 5s", atS: 54 },
        services: [{ name: "shop", exit: "exit code 137", outputTail: "listening\nout of memory\n" }],
      },
    ),
  "no-traffic": () =>
    shop(fault(BAD_INVENTORY, { ratePerS: 0 }, { ratePerS: 0 }, 10), {
      ratePerS: 0,
      faults: [
        {
          name: BAD_INVENTORY,
          proof: { strength: "none", proven: false, explanation: "Nothing crossed the proxy.", targets: [] },
        },
      ],
    }),
  search: () =>
    shop(
      [800, 0, 400, 200].flatMap((latencyMs) =>
        fault("how slow", { medianMs: 8 + latencyMs, spread: 0.05 }, {}, 6),
      ),
      {
        name: "How slow may the inventory be?",
        faults: [
          {
            name: "how slow",
            search: {
              proxy: "inventory",
              attribute: "latency",
              unit: "ms",
              until: "p99 < 400ms",
              holdsUpTo: 200,
              breaksAt: 400,
              trials: [
                { value: 800, phase: "fault-2", verdict: "fail" },
                { value: 0, phase: "fault-4", verdict: "pass" },
                { value: 400, phase: "fault-6", verdict: "fail" },
                { value: 200, phase: "fault-8", verdict: "pass" },
              ],
            },
          },
        ],
      },
    ),
  "twenty-faults": () =>
    shop(
      Array.from({ length: 20 }, (_, index) =>
        fault(
          `fault ${index + 1}`,
          { medianMs: 8 + 4 * index, bad: { reset: index % 3 === 0 ? 0.2 : 0 } },
          {},
          10,
        ),
      ).flat(),
    ),
  hostile: () =>
    shop(
      fault(HOSTILE, {
        bad: { http_error: 0.3 },
        reasons: { [HOSTILE]: 1200 },
        samples: [{ reason: HOSTILE, request: HOSTILE, status: 503, body: HOSTILE }],
      }),
      {
        unjudged: {
          scheduled: 53,
          outcomes: { ok: 40, http_error: 13, timeout: 0, refused: 0, reset: 0, unsent: 0 },
        },
        name: `名前 ${HOSTILE}`,
        hypothesis: HOSTILE,
        requests: ["browse", "checkout", HOSTILE],
        events: [{ atS: 1, kind: "warning", text: HOSTILE }],
        services: [{ name: HOSTILE, exit: HOSTILE, outputTail: `${HOSTILE}\n${"ß漢字🎉".repeat(20)}` }],
        faults: [
          {
            name: HOSTILE,
            proof: {
              strength: "observed",
              proven: true,
              explanation: HOSTILE,
              targets: [
                proxyTarget({
                  proxy: HOSTILE,
                  toxics: [HOSTILE],
                  isEnabled: true,
                  traffic: {
                    listen: "127.0.0.1:1",
                    upstream: HOSTILE,
                    baseline: { connections: 1, bytes: 1 },
                    fault: { connections: 1, bytes: 1 },
                  },
                }),
              ],
            },
          },
        ],
      },
    ),
  "one-hour": () =>
    shop(
      Array.from({ length: 5 }, (_, index) =>
        fault(
          `fault ${index + 1}`,
          { medianMs: 20 + 60 * index, bad: { timeout: index === 3 ? 0.05 : 0 } },
          {},
          355,
        ),
      ).flat(),
      { ratePerS: 100 },
    ),
} as const satisfies Record<string, () => RunRecord>;

/** A name that tries to leave every place that it is printed to. */
export const HOSTILE =
  "</script><img src=x onerror=alert(1)>\"'`|\\ ]]> --> {{7*7}} ${x} %0A::error:: @octocat \u202e\u0007\u001b[31m <!--\ud800 ñ漢字🎉";
