import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { validateXML } from "xmllint-wasm";
import { analyse } from "../../../src/analysis/analyse.js";
import type { Report } from "../../../src/analysis/document/report.js";
import { DEFAULT_FAIL_ON, type FailOn } from "../../../src/report/fail-on.js";
import { junitReporter } from "../../../src/report/formats/junit.js";
import { HOSTILE, SAVED_RUNS } from "../../helpers/saved-runs.js";
import { parseXml, type XmlElement } from "../../helpers/xml.js";

/** What libxml2, and not a reader of our own, has against these files: form and grammar. */
async function complaints(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const { errors } = await validateXML({
    xml: Object.entries(files).map(([fileName, contents]) => ({ fileName, contents })),
    schema: await readFile(new URL("../../fixtures/junit.rng", import.meta.url), "utf8"),
    extension: "relaxng",
    maxMemoryPages: 4096,
  });
  return errors.map(({ rawMessage }) => rawMessage);
}

function casesOf(root: XmlElement): XmlElement[] {
  return root.children.flatMap((suite) => suite.children.filter((child) => child.name === "testcase"));
}

function render(
  report: Report,
  record: ReturnType<(typeof SAVED_RUNS)["fail"]>,
  failOn?: readonly FailOn[],
): XmlElement {
  return parseXml(String(junitReporter.render({ report, record, ...(failOn ? { failOn } : {}) })));
}

test("every run is XML that CI servers read, whatever the pipeline lets through", async () => {
  const files = Object.entries(SAVED_RUNS).flatMap(([name, build]) => {
    const record = build();
    const report = analyse(record);
    return [DEFAULT_FAIL_ON, []].map((failOn) => [
      `${name}-${failOn.length}.xml`,
      String(junitReporter.render({ report, record, failOn })),
    ]);
  });
  expect(files.length).toBeGreaterThan(10);
  expect(await complaints(Object.fromEntries(files))).toEqual([]);
});

test("the grammar is one that can be broken", async () => {
  const record = SAVED_RUNS.aborted();
  const good = String(junitReporter.render({ report: analyse(record), record }));
  const broken = {
    "no-tests.xml": good.replace(/ tests="\d+"/, ""),
    "unknown-attribute.xml": good.replace("<testcase ", '<testcase verdict="fail" '),
    "zone.xml": good.replace(/timestamp="([^"]*)"/, 'timestamp="$1Z"'),
    "order.xml": good.replace("<properties>", '<testcase name="too early"/><properties>'),
    "bare.xml": good.replace("&lt;", "<"),
  };
  for (const [name, text] of Object.entries(broken)) {
    expect(text, name).not.toBe(good);
    expect(await complaints({ [name]: text }), name).not.toEqual([]);
  }
});

describe.each(Object.entries(SAVED_RUNS))("a run: %s", (_, build) => {
  const record = build();
  const report = analyse(record);
  const root = render(report, record);

  test("counts what it holds", () => {
    for (const holder of [root, ...root.children]) {
      const cases = holder === root ? casesOf(root) : casesOf({ ...root, children: [holder] });
      const count = (name: string) =>
        cases.filter((one) => one.children.some((child) => child.name === name)).length;
      expect(Number(holder.attributes.tests)).toBe(cases.length);
      expect(Number(holder.attributes.failures)).toBe(count("failure"));
      expect(Number(holder.attributes.errors)).toBe(count("error"));
      if (holder !== root) expect(Number(holder.attributes.skipped)).toBe(count("skipped"));
    }
  });

  test("is red unless the run passed, and has a suite for each fault", () => {
    const red = casesOf(root).some((one) =>
      one.children.some(({ name }) => name === "failure" || name === "error"),
    );
    expect(red).toBe(report.verdict !== "pass");
    expect(
      root.children
        .slice(root.children.length - report.faults.length)
        .map((suite) => suite.children.length > 0),
    ).toEqual(report.faults.map(() => true));
  });
});

test("a broken SLO is a failure with observed and target, a held one passes, one not run is skipped", () => {
  const record = SAVED_RUNS.aborted();
  const report = analyse(record);
  const cases = casesOf(render(report, record));
  const named = (name: string) => cases.filter((one) => one.attributes.name === name);
  expect(named("availability >= 99%")[0]?.children[0]).toMatchObject({
    name: "failure",
    attributes: { message: expect.stringMatching(/observed .*%, target ≥ 99%/) },
  });
  expect(
    cases.some((one) => one.attributes.classname === "slow inventory" && one.children[0]?.name === "skipped"),
  ).toBe(true);
});

test("undecided SLOs are errors, and skipped where the pipeline lets them through", () => {
  const record = SAVED_RUNS.inconclusive();
  const report = analyse(record);
  const kinds = (failOn?: readonly FailOn[]) =>
    new Set(casesOf(render(report, record, failOn)).flatMap((one) => one.children.map(({ name }) => name)));
  expect(kinds()).toContain("error");
  expect(kinds(["fail"])).toEqual(new Set(["skipped"]));
});

test("names that end elements stay names", () => {
  const record = SAVED_RUNS.hostile();
  const root = render(analyse(record), record);
  expect(root.children.at(-1)?.attributes.name).toContain("</script><img src=x onerror=alert(1)>");
  expect(root.attributes.name).not.toContain("\u202e");
  expect(HOSTILE).toContain("\u202e");
});
