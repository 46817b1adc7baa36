import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { pageData } from "../../src/report/html/page-data.js";
import { renderTerminal } from "../../src/report/terminal/terminal.js";
import { reporterNamed } from "../helpers/reporters.js";
import { HEALTHY, recordWithSignals } from "../helpers/signal-records.js";

const slos = [
  "p99 < 800ms",
  "signal(orders) availability >= 99%",
  "signal(queue) max < 500 in fault, recovery",
  "signal(queue) mean < 3x baseline",
];
const gap = { id: "gap", facts: { fromS: 5, lengthS: 12 } } as const;
const calm = {
  orders: { ...HEALTHY, counts: () => [0, 100] as const },
  queue: { ...HEALTHY, values: () => 12.5 },
};
const record = recordWithSignals(
  {
    ratePerS: 20,
    slos,
    phases: [
      { kind: "baseline", seconds: 40 },
      { kind: "fault", fault: "slow cache", seconds: 40 },
      { kind: "recovery", fault: "slow cache", seconds: 40 },
    ],
  },
  {
    baseline: calm,
    fault: { orders: { ...HEALTHY, counts: () => [4, 100] }, queue: { ...HEALTHY, values: (at) => 10 * at } },
    recovery: { ...calm, queue: { ...calm.queue, troubles: [gap] } },
  },
);
const report = analyse(record);

test("each signal has a chart beside the load's, with what was promised of it", () => {
  const data = pageData(report, record);
  expect(data.signals.map(({ name, unit }) => [name, unit])).toEqual([
    ["orders", "ratio"],
    ["queue", "number"],
  ]);
  const [orders, queue] = data.signals;
  expect(queue?.values.length).toBe(data.atS.length);
  const inFault = data.atS.findIndex((atS) => atS >= (record.phases[1]?.startS ?? 0) + 10);
  expect(orders?.values[inFault]).toBe(0.04);
  expect(queue?.values[inFault]).toBe(100);
  // The chart shows the bad part of a share.
  expect(orders?.lines).toMatchObject([{ label: slos[1], fromS: null }]);
  expect(orders?.lines[0]?.value).toBeCloseTo(0.01);
  expect(queue?.lines.map(({ value }) => value)).toEqual([500, 37.5]);
  // The load's own charts have no line of it.
  expect(data.latencyLines.map(({ label }) => label)).toEqual(["p99 < 800ms"]);
});

test("every report for people shows what signals were, and why one says nothing", () => {
  const html = String(reporterNamed("html").render({ report, record }));
  expect(html).toContain('id="chart-signal-1"');
  expect(html).toContain("Signals in numbers");
  expect(html).toContain("160 of 4,000 bad (4%)");
  expect(html).toContain("0 to 390, on average 195, at last 390");
  for (const text of [
    html.replaceAll("&quot;", '"'),
    String(reporterNamed("markdown").render({ report, record })),
    renderTerminal(report, record, { columns: 120, color: false }),
  ]) {
    expect(text).toMatch(/no sample for 12 s/);
    expect(text).toMatch(/390/);
  }
});

test("report.json has each phase's signals as data", () => {
  expect(report.phases[1]?.signals).toEqual([
    {
      name: "orders",
      everyS: 1,
      samples: 40,
      counts: { bad: 160, total: 4_000 },
      values: null,
      trouble: null,
    },
    {
      name: "queue",
      everyS: 1,
      samples: 40,
      counts: null,
      values: { min: 0, max: 390, mean: 195, last: 390 },
      trouble: null,
    },
  ]);
  expect(report.phases[2]?.signals?.[1]).toMatchObject({ troubleId: "gap" });
});

test("buckets.csv has a column for what each signal told, in the lines of all requests together", () => {
  const alerted = {
    ...record,
    phases: record.phases.map((phase) => ({
      ...phase,
      signals: [
        ...(phase.signals ?? []),
        {
          signal: "alert Waits, long",
          alert: "Waits, long",
          everyS: 1,
          atS: [phase.startS + 1.5, phase.startS + 3, phase.startS + phase.durationS],
          values: [1, 2, 0],
          troubles: [],
        },
      ],
    })),
  };
  const csv = String(reporterNamed("csv").render({ report, record: alerted }));
  const [head = "", ...lines] = csv.split("\r\n");
  const names = ["signal_orders_bad", "signal_orders_total", "signal_queue", '"alert_Waits, long"'];
  expect(head.endsWith(names.join(","))).toBe(true);
  const ofAll = lines.filter((line) => /,fault-\d+,fault,slow cache,,/.test(line));
  expect(ofAll).toHaveLength(40);
  expect(ofAll.slice(0, 5).map((line) => line.split(",").slice(-4).join())).toEqual([
    "4,100,0,",
    "4,100,10,pending",
    "4,100,20,",
    "4,100,30,firing",
    "4,100,40,",
  ]);
  expect(ofAll.at(-1)).toMatch(/,4,100,390,quiet$/);
  const ofRequest = lines.filter((line) => /,fault-\d+,fault,slow cache,[^,]/.test(line));
  expect(ofRequest.every((line) => line.endsWith(",,,,"))).toBe(true);
});
