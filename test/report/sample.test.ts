/**
 * reports/sample is one real run. Its reports are made again from its record and must be what is committed:
 *   UPDATE_GOLDEN=1 npx vitest run test/report/sample.test.ts
 */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { readRecord } from "../../src/measure/read-record.js";
import { REPORTERS } from "../../src/report/registry.js";
import { renderTerminal } from "../../src/report/terminal/terminal.js";
import { root } from "../helpers/faultline.js";

const folder = join(root, "reports/sample");
const record = await readRecord(join(folder, "record.json"));
const report = analyse(record);
const FILES: Readonly<Record<string, () => string>> = {
  ...Object.fromEntries(
    REPORTERS.map((reporter) => [reporter.fileName, () => String(reporter.render({ report, record }))]),
  ),
  "terminal.txt": () => renderTerminal(report, record, { columns: 100, color: false, rows: 60 }),
};

test.each(Object.keys(FILES))("%s is what the record says", (name) => {
  const content = FILES[name]!();
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(join(folder, name), content);
  expect(content).toBe(readFileSync(join(folder, name), "utf8"));
});

test("the sample has one file of each kind, shows broken SLOs, and names nobody's machine", () => {
  expect(readdirSync(folder).sort()).toEqual([...Object.keys(FILES), "record.json"].sort());
  expect(report.verdict).toBe("fail");
  expect(report.scenario.file).toBe("scenarios/quickstart-fragile.yaml");
  for (const name of readdirSync(folder)) {
    expect(readFileSync(join(folder, name), "utf8")).not.toMatch(/\/(?:home|root|tmp|Users|work)\//);
  }
});
