import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { maskRecord } from "../../src/measure/masking/mask-record.js";
import type { RunRecord } from "../../src/measure/record.js";
import { renderTerminal } from "../../src/report/terminal/terminal.js";
import { buildRecord } from "../helpers/record-builder.js";
import { reporterNamed } from "../helpers/reporters.js";

const plain = buildRecord({
  requests: ["cart | <b>"],
  slos: ["availability >= 99%"],
  phases: [
    { kind: "baseline", seconds: 30 },
    { kind: "fault", fault: "slow cache", seconds: 30, bad: { http_error: 0.3 } },
    { kind: "recovery", fault: "slow cache", seconds: 30 },
  ],
});
const [FAILED, SLOW, CALM] = ["a", "b", "c"].map((digit) => digit.repeat(32)) as [string, string, string];
const common = { request: "cart | <b>", dueS: 4.2 } as const;
const ok = { ...common, outcome: "ok", reason: null, status: 200 } as const;

function recordWith(traceLink: string | null): RunRecord {
  const tracing = { sampling: 1, traceLink };
  const phases = plain.phases.map((phase) => {
    if (phase.kind === "baseline") return { ...phase, traces: [{ ...ok, traceId: CALM, ms: 20 }] };
    if (phase.kind !== "fault") return phase;
    const failed = { outcome: "http_error", reason: "status 503", status: 503, ms: 12 } as const;
    return {
      ...phase,
      traces: [
        { ...common, ...failed, traceId: FAILED },
        { ...ok, traceId: SLOW, ms: 812 },
      ],
    };
  });
  return { ...plain, load: { ...plain.load, tracing }, phases };
}

const LINK = "http://127.0.0.1:16686/trace/$" + "{traceId}";
const record = recordWith(LINK);
const report = analyse(record);
const rendered = (name: string, of = record) =>
  String(reporterNamed(name).render({ report: analyse(of), record: of }));

test("report.json has the traces of each phase with their links", () => {
  const { phases } = JSON.parse(rendered("json"));
  expect(phases[1].traces).toEqual([
    {
      ...common,
      traceId: FAILED,
      outcome: "http_error",
      reason: "status 503",
      status: 503,
      ms: 12,
      link: LINK.replace(/\$.*/, FAILED),
    },
    { ...ok, traceId: SLOW, ms: 812, link: LINK.replace(/\$.*/, SLOW) },
  ]);
  expect(phases[2].traces).toBe(undefined);
  expect(report.load.tracing).toEqual({ sampling: 1, traceLink: LINK });
});

test("the page and report.md list all of them, what became of each, and lead to it", () => {
  const html = rendered("html");
  expect(html).toContain("Traces of failed and slow requests");
  for (const id of [FAILED, SLOW, CALM])
    expect(html).toContain(
      `<a href="http://127.0.0.1:16686/trace/${id}" rel="noopener noreferrer"><code>${id}</code></a>`,
    );
  expect(html).toContain("cart | &lt;b&gt;");
  expect(html).toContain("status 503 after 12 ms");
  const row = rendered("markdown")
    .split("\n")
    .find((line) => line.includes(FAILED));
  expect(row).toBe(
    `| slow cache | 0:34 | cart \\| &lt;b> | status 503 after 12 ms | [\`${FAILED}\`](<http://127.0.0.1:16686/trace/${FAILED}>) |`,
  );
});

test("the terminal and junit.xml name the first that failed under the fault, and the slowest that did not", () => {
  const wide = renderTerminal(report, record, { columns: 100, color: false });
  expect(wide).toContain(
    `  › cart | <b> at 0:34: status 503 after 12 ms\n    http://127.0.0.1:16686/trace/${FAILED}\n`,
  );
  expect(wide).toContain(
    `  › cart | <b> at 0:34: ok after 812 ms\n    http://127.0.0.1:16686/trace/${SLOW}\n`,
  );
  expect(wide).not.toContain(CALM);
  // No half of a link.
  const narrow = renderTerminal(report, record, { columns: 60, color: false });
  expect(narrow).toContain(`    trace ${FAILED}\n`);
  expect(rendered("junit")).toContain(
    `<property name="trace 1" value="cart | &lt;b&gt; at 0:34: status 503 after 12 ms, http://127.0.0.1:16686/trace/${FAILED}"/>`,
  );
});

test("without a link the ids are there, and no link leads anywhere but to a web page", () => {
  for (const link of [null, "javascript:alert(1)//$" + "{traceId}", "no address"]) {
    const of = recordWith(link);
    expect(analyse(of).phases[1]?.traces?.[0]?.link).toBe(null);
    expect(rendered("html", of)).toContain(`<td><code>${FAILED}</code></td>`);
    expect(rendered("markdown", of)).toContain(`| \`${FAILED}\` |`);
    expect(renderTerminal(analyse(of), of, { columns: 100, color: false })).toContain(
      `    trace ${FAILED}\n`,
    );
  }
});

test("a link cannot break out of a page", () => {
  const of = recordWith('http://127.0.0.1/"><script>/a|b)/$' + "{traceId}");
  expect(rendered("html", of)).not.toContain("<script>/a");
  const row = rendered("markdown", of)
    .split("\n")
    .find((line) => line.includes(FAILED));
  expect(row).toMatch(/\]\(<http:\/\/127\.0\.0\.1\/[^<>|]*>\) \|$/);
});

test("secrets are masked in names, reasons and links", () => {
  const masked = maskRecord(recordWith(`http://127.0.0.1/s3cret/$${"{traceId}"}`), (text) =>
    text.replaceAll("s3cret", "•••").replaceAll("cart", "•••").replaceAll("503", "•••"),
  );
  expect(masked.load.tracing?.traceLink).toBe(`http://127.0.0.1/•••/$${"{traceId}"}`);
  expect(masked.phases[1]?.traces?.[0]).toMatchObject({ request: "••• | <b>", reason: "status •••" });
});

test("what traces of others told is in the terminal, however much else there is to tell", () => {
  const told = ["span_grew", "span_failed", "slowest_trace", "traces"] as const;
  const faults = report.faults.map((fault) => ({
    ...fault,
    findings: [...fault.findings, ...told.map((id) => `Traces say ${id}.`)],
    findingIds: [...(fault.findingIds ?? []), ...told],
  }));
  expect(report.faults[0]?.findings.length).toBeGreaterThan(3);
  const shown = renderTerminal({ ...report, faults }, record, { columns: 100, color: false });
  for (const id of told) expect(shown.split(`› Traces say ${id}.`)).toHaveLength(2);
});
