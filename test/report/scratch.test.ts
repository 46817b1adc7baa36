import { writeFileSync } from "node:fs";
import { test } from "vitest";
import { htmlReporter } from "../../src/report/html/html.js";
import { naiveReport } from "../helpers/naive-report.js";
import { buildRecord } from "../helpers/record-builder.js";

test("x", () => {
  const record = buildRecord({
    hypothesis: "A slow, unreachable or failing inventory costs freshness, never orders.",
    requests: ["browse", "checkout"],
    slos: ["availability >= 99%", "p99 < 400ms", "p99(checkout) < 3x baseline", "recovery < 3s"],
    phases: [
      { kind: "warmup", seconds: 5 },
      { kind: "baseline", seconds: 20 },
      { kind: "fault", fault: "slow inventory", seconds: 20, medianMs: 300, spread: 0.1 },
      { kind: "recovery", fault: "slow inventory", seconds: 20 },
      {
        kind: "fault",
        fault: "inventory cut off",
        seconds: 20,
        medianMs: 500,
        bad: { timeout: 0.1, http_error: 0.12 },
        at: (s) => (s < 2 ? { bad: {} } : {}),
      },
      {
        kind: "recovery",
        fault: "inventory cut off",
        seconds: 20,
        at: (s) => (s < 2 ? { bad: { http_error: 0.9 } } : {}),
      },
      { kind: "fault", fault: "inventory resets connections", seconds: 20, bad: { reset: 0.002 } },
      { kind: "recovery", fault: "inventory resets connections", seconds: 20 },
    ],
    events: [
      { atS: -1, kind: "service", text: "shop is ready" },
      { atS: 25, kind: "inject", text: "slow inventory: latency on inventory" },
    ],
  });
  const out = htmlReporter.render({ record, report: naiveReport(record) });
  writeFileSync("/tmp/shots/r.html", out);
});
