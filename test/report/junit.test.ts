import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import type { Report } from "../../src/analysis/model.js";
import type { FailOn } from "../../src/report/fail-on.js";
import { junitReporter } from "../../src/report/junit.js";
import { HOSTILE, SAVED_RUNS } from "../helpers/saved-runs.js";
import { parseXml, type XmlElement } from "../helpers/xml.js";

/**
 * What Jenkins' and GitLab's readers take (junit-10.xsd): attributes, which of them must be there, children in order.
 */
const SCHEMA: Readonly<
  Record<string, { readonly must: string[]; readonly may: string[]; readonly children: string[] }>
> = {
  testsuites: {
    must: [],
    may: ["name", "time", "tests", "failures", "disabled", "errors"],
    children: ["testsuite"],
  },
  testsuite: {
    must: ["name", "tests"],
    may: ["failures", "errors", "time", "disabled", "skipped", "timestamp", "hostname", "id", "package"],
    children: ["properties", "testcase", "system-out", "system-err"],
  },
  properties: { must: [], may: [], children: ["property"] },
  property: { must: ["name", "value"], may: [], children: [] },
  testcase: {
    must: ["name"],
    may: ["classname", "time", "assertions", "status"],
    children: ["skipped", "error", "failure", "system-out", "system-err"],
  },
  skipped: { must: [], may: ["message", "type"], children: [] },
  error: { must: [], may: ["message", "type"], children: [] },
  failure: { must: [], may: ["message", "type"], children: [] },
};

function violations(element: XmlElement): string[] {
  const rule = SCHEMA[element.name];
  if (!rule) return [`no element ${element.name}`];
  const names = Object.keys(element.attributes);
  const places = element.children.map((child) => rule.children.indexOf(child.name));
  return [
    ...rule.must.filter((name) => !names.includes(name)).map((name) => `${element.name} lacks ${name}`),
    ...names
      .filter((name) => ![...rule.must, ...rule.may].includes(name))
      .map((name) => `${element.name}@${name}`),
    ...(places.includes(-1) || places.some((place, at) => place < (places[at - 1] ?? 0))
      ? [`children of ${element.name}: ${element.children.map((child) => child.name)}`]
      : []),
    ...element.children.flatMap(violations),
  ];
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

describe.each(Object.entries(SAVED_RUNS))("a run: %s", (_, build) => {
  const record = build();
  const report = analyse(record);
  const root = render(report, record);

  test("is XML that the schema allows", () => {
    expect(violations(root)).toEqual([]);
    for (const suite of root.children) {
      expect(suite.attributes.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
      expect(suite.attributes.time).toMatch(/^\d+\.\d{3}$/);
    }
  });

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
    expect(root.children.slice(-report.faults.length).map((suite) => suite.children.length > 0)).toEqual(
      report.faults.map(() => true),
    );
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
