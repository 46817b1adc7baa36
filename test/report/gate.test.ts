import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { DEFAULT_FAIL_ON, describeLetThrough, exitCodeFor, parseFailOn } from "../../src/report/fail-on.js";
import { parseReporters } from "../../src/report/parse-reporters.js";
import { REPORTERS } from "../../src/report/registry.js";
import { SAVED_RUNS } from "../helpers/saved-runs.js";

describe("--fail-on", () => {
  const reports = Object.fromEntries(
    (["pass", "fail", "inconclusive", "invalid", "aborted"] as const).map((name) => [
      name,
      analyse(SAVED_RUNS[name]()),
    ]),
  );
  const codes = (list: string) =>
    Object.fromEntries(
      Object.entries(reports).map(([name, report]) => [name, exitCodeFor(report, parseFailOn(list))]),
    );

  test("without it every verdict but pass fails, with the exit codes of the contract", () => {
    expect(Object.values(reports).map((report) => exitCodeFor(report, DEFAULT_FAIL_ON))).toEqual([
      0, 1, 3, 3, 1,
    ]);
  });

  test("lets through the verdicts that it leaves out, and no others", () => {
    expect(codes("fail")).toEqual({ pass: 0, fail: 1, inconclusive: 0, invalid: 0, aborted: 0 });
    expect(codes("fail, inconclusive")).toEqual({
      pass: 0,
      fail: 1,
      inconclusive: 3,
      invalid: 0,
      aborted: 0,
    });
    expect(codes("none")).toEqual({ pass: 0, fail: 0, inconclusive: 0, invalid: 0, aborted: 0 });
  });

  test.each([4, 5, 130])("never lets through exit code %d: nothing was judged", (exitCode) => {
    const { invalid } = reports;
    expect(exitCodeFor({ ...invalid!, exitCode }, [])).toBe(exitCode);
  });

  test("says what it lets through, and where nothing was judged", () => {
    const said = (name: string, list: string) => describeLetThrough(reports[name]!, parseFailOn(list));
    expect(said("invalid", "fail")).toBe(
      'Exit code 0, as --fail-on leaves out "invalid": nothing was judged in this run.',
    );
    expect(said("inconclusive", "fail")).toMatch(/"inconclusive": nothing was judged/);
    expect(said("fail", "none")).toBe('Exit code 0, as --fail-on leaves out "fail".');
    expect([said("pass", "none"), said("fail", "fail"), said("invalid", "invalid")]).toEqual([
      null,
      null,
      null,
    ]);
  });

  test.each(["", "failed", "fail,none", ","])("refuses %j", (list) => {
    expect(() => parseFailOn(list)).toThrow(/--fail-on takes/);
  });
});

describe("--reporter", () => {
  const read = (list?: string) =>
    parseReporters(list, "/builds").map(({ reporter, path }) => [reporter.name, path]);

  test("without it the usual formats are written", () => {
    expect(read()).toEqual([
      ["json", null],
      ["html", null],
      ["markdown", null],
      ["junit", null],
    ]);
  });

  test("takes names and short names, with a path that counts from the current folder", () => {
    expect(read("html, junit=out/tests.xml,md=/abs/pr.md,prom")).toEqual([
      ["json", null],
      ["html", null],
      ["junit", "/builds/out/tests.xml"],
      ["markdown", "/abs/pr.md"],
      ["prometheus", null],
    ]);
  });

  test("always writes report.json in the run's folder: history and comparison read it", () => {
    expect(read("json")).toEqual([["json", null]]);
    expect(read("json=elsewhere.json")).toEqual([
      ["json", null],
      ["json", "/builds/elsewhere.json"],
    ]);
  });

  test.each(["pdf", "html,,pdf", "html=", "", " , "])("refuses %j and names what there is", (list) => {
    expect(() => parseReporters(list, "/")).toThrow(/--reporter/);
  });

  test("knows each format by one name and writes each to its own file", () => {
    const names = REPORTERS.flatMap(({ name, alias }) => (alias ? [name, alias] : [name]));
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(REPORTERS.map(({ fileName }) => fileName)).size).toBe(REPORTERS.length);
  });
});
