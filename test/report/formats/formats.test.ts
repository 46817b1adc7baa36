import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { OUTCOMES } from "../../../src/measure/outcome.js";
import { csvReporter } from "../../../src/report/formats/csv.js";
import { annotations, githubReporter } from "../../../src/report/formats/github.js";
import { prometheusReporter } from "../../../src/report/formats/prometheus.js";
import { COMMENT_LIMIT, markdownReporter, renderMarkdown } from "../../../src/report/markdown/markdown.js";
import type { ReportedRun } from "../../../src/report/reporter.js";
import { buildRecord } from "../../helpers/record-builder.js";
import { SAVED_RUNS } from "../../helpers/saved-runs.js";

const RUN: ReportedRun = { name: "Shop", file: "shop.yaml", folder: null, lineOf: () => null };

function both(build: () => ReturnType<typeof buildRecord>) {
  const record = build();
  return { record, report: analyse(record) };
}

describe("CSV", () => {
  const { record, report } = both(SAVED_RUNS.fail);
  const lines = String(csvReporter.render({ record, report })).split("\r\n");
  const head = lines[0]?.split(",") ?? [];
  const rows = lines
    .slice(1, -1)
    .map((line) => Object.fromEntries(line.split(",").map((cell, at) => [head[at], cell])));

  test("has a line for each second and request, and their outcomes add up", () => {
    const all = rows.filter((row) => row.request === "");
    expect(all.length).toBe(record.durationS);
    for (const row of rows) {
      const sum = OUTCOMES.reduce((total, outcome) => total + Number(row[outcome]), 0);
      expect(sum).toBe(Number(row.scheduled));
    }
    const scheduled = (request: boolean) =>
      rows
        .filter((row) => (row.request !== "") === request)
        .reduce((sum, row) => sum + Number(row.scheduled), 0);
    expect(scheduled(true)).toBe(scheduled(false));
  });

  test("has as many fields in each line as in the head, and the wall clock beside the seconds", () => {
    for (const line of lines.slice(1, -1)) expect(line.split(",").length).toBe(head.length);
    expect(rows.find((row) => row.at_s === "45")?.time).toBe("2026-03-01T12:00:45.000Z");
  });

  test("quotes names, and none of them is a formula", () => {
    const name = '=HYPERLINK("x"),y';
    const odd = both(() => buildRecord({ requests: [name], phases: [{ kind: "baseline", seconds: 1 }] }));
    expect(String(csvReporter.render(odd))).toContain(`,"'=HYPERLINK(""x""),y",`);
  });
});

describe("Prometheus text", () => {
  const SAMPLE =
    /^([a-z_]+)\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\} (NaN|[+-]Inf|-?[\d.]+(?:e[+-]?\d+)?)$/;

  test.each(Object.entries(SAVED_RUNS))("of a run follows the format: %s", (_, build) => {
    const lines = String(prometheusReporter.render(both(build)))
      .trimEnd()
      .split("\n");
    const seen = new Set<string>();
    let family = "";
    for (const line of lines) {
      if (line.startsWith("# ")) {
        family = line.split(" ")[2] ?? "";
        continue;
      }
      const [, name, labels] = SAMPLE.exec(line) ?? [];
      expect(name, line).toBe(family);
      expect(seen.has(`${name}${labels}`), `twice: ${line}`).toBe(false);
      seen.add(`${name}${labels}`);
    }
    expect(lines.some((line) => line.startsWith("faultline_run_exit_code"))).toBe(true);
  });

  test("has seconds and ratios, and +Inf where failures reached the quantile", () => {
    const text = String(prometheusReporter.render(both(SAVED_RUNS.fail)));
    expect(text).toMatch(/slo_target\{.*slo="p99 < 400ms".*unit="seconds"\} 0\.4\n/);
    expect(text).toMatch(/slo_observed\{.*fault="inventory cut off",slo="p99 < 400ms".*\} \+Inf\n/);
    expect(text).toMatch(/run_passed\{.*\} 0\n/);
  });
});

describe("Markdown", () => {
  test.each(Object.entries(SAVED_RUNS))("fits into a comment: %s", (_, build) => {
    expect(String(markdownReporter.render(both(build))).length).toBeLessThan(65_536);
  });

  test("of two hundred faults still fits, and still names the verdict and the broken ones", () => {
    const { report } = both(SAVED_RUNS.fail);
    const faults = Array.from({ length: 200 }, (_, index) => ({
      ...report.faults[index % 3]!,
      name: `${"long name ".repeat(20)}${index}`,
    }));
    const text = renderMarkdown({ ...report, faults });
    expect(text.length).toBeLessThanOrEqual(COMMENT_LIMIT);
    expect(text).toMatch(/^### ❌ fail/);
    expect(text).toContain("Shortened");
  });

  test("names are neither markup nor mentions nor links", () => {
    const text = renderMarkdown(both(SAVED_RUNS.hostile).report);
    const outsideCode = text.replace(/(`+)[^`].*?[^`]?\1(?!`)/g, "");
    expect(outsideCode.replaceAll("@<!-- -->", "")).not.toMatch(/<(script|img|\/script|!--)/i);
    expect(outsideCode).not.toContain("@octocat");
    const links = renderMarkdown({
      ...both(SAVED_RUNS.pass).report,
      reason: "see https://evil.example and [x](y) @all",
    });
    expect(links).not.toMatch(/https:\/\/|\[x\]\(|@all/);
  });

  test.each(["# title", "- item", "+ item", "> quote", "1. item", "12) item"])(
    "%j does not begin a block",
    (reason) => {
      const { report } = both(SAVED_RUNS.pass);
      expect(renderMarkdown({ ...report, reason })).not.toMatch(
        /^(?:#|[-+>]|\d+[.)]) ?(?:title|item|quote)/m,
      );
    },
  );

  test("a name reads the same in a heading of HTML, where Markdown's escapes would show", () => {
    const { report } = both(SAVED_RUNS.fail);
    const faults = report.faults.map((fault) => ({ ...fault, name: "cache-down (v1.2) & *more*" }));
    expect(renderMarkdown({ ...report, faults })).toContain("<b>1 cache-down (v1.2) &amp; *more*</b>");
  });

  test("each table has as many cells in each line as in its head, whatever the names", () => {
    const text = renderMarkdown(both(SAVED_RUNS.hostile).report);
    const cells = (line: string) => line.replaceAll("\\|", "").split("|").length;
    let head = 0;
    let tables = 0;
    for (const line of text.split("\n")) {
      if (!line.startsWith("|")) head = 0;
      else if (head === 0) {
        head = cells(line);
        tables += 1;
      } else expect(cells(line), line).toBe(head);
    }
    expect(tables).toBeGreaterThan(1);
  });
});

describe("GitHub", () => {
  test("marks each broken SLO as an error and each undecided one as a warning, on the scenario's file", () => {
    const broken = annotations(both(SAVED_RUNS.fail).report).trimEnd().split("\n");
    expect(broken[0]).toMatch(
      /^::error file=scenarios\/example\.yaml,title=p99 < 400ms in slow inventory%3A fail::p99 rose from \S+ ms to \S+ ms, promised < 400 ms\. /,
    );
    expect(broken.length).toBeLessThanOrEqual(10);
    expect(annotations(both(SAVED_RUNS.inconclusive).report)).toMatch(/^::warning /);
    expect(annotations(both(SAVED_RUNS.pass).report)).toBe("");
    // Each thing once: the sentence on p99 is not followed by the finding on p99.
    for (const line of broken) expect(line.match(/p99 rose from/g)?.length ?? 0).toBeLessThanOrEqual(1);
  });

  test("is told the file from the root of the repository, and the line of the SLO", async () => {
    const { report, record } = both(SAVED_RUNS.fail);
    const written: string[] = [];
    const env = { GITHUB_ACTIONS: "true", GITHUB_WORKSPACE: "/repo" };
    const lineOf = (slo: string) => (slo === "p99 < 400ms" ? 17 : null);
    const write = (text: string) => void written.push(text);
    const github = githubReporter({ env, cwd: "/repo/services/shop", write });
    await github.end?.({ report, record }, { ...RUN, lineOf });
    const [first, ...rest] = written.join("").trimEnd().split("\n");
    expect(first).toContain("::error file=services/shop/scenarios/example.yaml,line=17,title=p99 < 400ms");
    for (const line of rest) expect(line).toContain("file=services/shop/scenarios/example.yaml,");
  });

  test("gets an error for a baseline that does not hold, and for a run that ended early", () => {
    const baseline = buildRecord({
      slos: ["availability >= 99%"],
      phases: [{ kind: "baseline", seconds: 40, bad: { refused: 0.2 } }],
      faults: [{ name: "x", notRun: "no healthy baseline" }],
    });
    expect(annotations(analyse(baseline))).toMatch(
      /^::error [^\n]*invalid::The baseline itself does not hold, so no fault was injected: availability was [^\n]+\n$/,
    );
    expect(annotations(both(SAVED_RUNS.aborted).report)).toMatch(
      /^::error [^\n]*aborted::The run was aborted /,
    );
  });

  test("loses no error behind warnings: ten of each, errors first", () => {
    const { report } = both(SAVED_RUNS.fail);
    const fault = report.faults.find(({ slos }) => slos.some(({ verdict }) => verdict === "fail"));
    const slo = fault?.slos.find(({ verdict }) => verdict === "fail");
    if (!fault || !slo) throw new Error("the saved run has no broken SLO");
    const slos = [
      ...Array.from({ length: 12 }, () => ({ ...slo, verdict: "inconclusive" as const })),
      ...Array.from({ length: 12 }, () => slo),
    ];
    const lines = annotations({ ...report, faults: [{ ...fault, slos }] })
      .trimEnd()
      .split("\n");
    expect(lines.map((line) => line.split(" ")[0])).toEqual([
      ...Array.from({ length: 10 }, () => "::error"),
      ...Array.from({ length: 10 }, () => "::warning"),
    ]);
  });

  test("gets an error for a failed search, which has no SLOs, beside another fault's warnings", () => {
    const { report } = both(SAVED_RUNS.inconclusive);
    const reason = '"p99 < 400ms" was broken in every trial.';
    const lines = annotations({ ...report, verdict: "fail", reason })
      .trimEnd()
      .split("\n");
    expect(lines[0]).toMatch(/^::error [^\n]*%3A fail::"p99 < 400ms" was broken in every trial\.$/);
    expect(lines.slice(1).length).toBeGreaterThan(0);
    for (const line of lines.slice(1)) expect(line).toMatch(/^::warning /);
  });

  test("is told what happened beside a broken SLO, also where a number in it has a comma", () => {
    const { report } = both(SAVED_RUNS.fail);
    const fault = report.faults.find(({ slos }) => slos.some(({ verdict }) => verdict === "fail"));
    const slo = fault?.slos.find(({ verdict }) => verdict === "fail");
    if (!fault || !slo) throw new Error("the saved run has no broken SLO");
    const rate = {
      expect: "throughput >= 1500/s",
      slo: undefined,
      unit: "per_s",
      phase: "fault",
      target: 1500,
    } as const;
    const broken = { ...slo, ...rate, baseline: 1812, observed: 1212 };
    const told = "throughput fell from 1,812/s to 1,212/s";
    const another = "throughput fell from 1,812/s to 900/s for 5 s.";
    const text = annotations({
      ...report,
      faults: [
        { ...fault, slos: [broken], findings: [`${told}.`, another], findingIds: ["throughput", "onset"] },
      ],
    });
    expect(text).toContain(`${told}, promised ≥ 1,500/s. ${another}`);
  });

  test("a name cannot start a workflow command of its own", () => {
    for (const line of annotations(both(SAVED_RUNS.hostile).report).trimEnd().split("\n")) {
      const [, properties = ""] = /^::(?:error|warning) (.*?)::/.exec(line) ?? [];
      expect(properties).toMatch(/^file=[^,:]+,title=[^,:]+$/);
    }
  });

  test("gets a summary page appended and annotations written only where it asks for them", async () => {
    const folder = await mkdtemp(join(tmpdir(), "faultline-github-"));
    const summary = join(folder, "summary.md");
    const { report, record } = both(SAVED_RUNS.fail);
    let told = "";
    const write = (text: string) => {
      told += text;
    };
    const tell = async (env: Readonly<Record<string, string>>) =>
      githubReporter({ env, cwd: "/", write }).end?.({ report, record }, RUN);
    await tell({});
    expect(told).toBe("");
    await tell({ GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary });
    await tell({ GITHUB_STEP_SUMMARY: summary });
    expect(told).toBe(annotations(report));
    expect(await readFile(summary, "utf8")).toBe(`${renderMarkdown(report)}\n`.repeat(2));
    await expect(tell({ GITHUB_STEP_SUMMARY: folder })).rejects.toMatchObject({ code: "REPORT_UNWRITABLE" });
    await rm(folder, { recursive: true });
  });
});
