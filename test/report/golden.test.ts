/**
 * What each reporter makes of each kind of run, byte for byte. After a change that is meant:
 *   UPDATE_GOLDEN=1 npx vitest run test/report/golden.test.ts
 * and read the difference before committing it.
 */

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { htmlReporter } from "../../src/report/html/html.js";
import { REPORTERS } from "../../src/report/registry.js";
import { renderTerminal } from "../../src/report/terminal/terminal.js";
import { SAVED_RUNS } from "../helpers/saved-runs.js";

const update = process.env.UPDATE_GOLDEN === "1";

/** Files that are large by nature stand as digests: the first lines to read, and a hash over all. */
const DIGESTED_FROM = 20_000;

function matchGolden(path: string, text: string): void {
  const file = fileURLToPath(new URL(`../golden/${path}`, import.meta.url));
  const content = text.length > DIGESTED_FROM ? digest(text) : text;
  if (update) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  expect(content).toBe(readFileSync(file, "utf8"));
}

function digest(text: string): string {
  const lines = text.split("\n");
  const head = lines.slice(0, 40).map((line) => line.slice(0, 200));
  const hash = createHash("sha256").update(text).digest("hex");
  return `${head.join("\n")}\n… ${lines.length} lines, ${text.length} characters, sha256 ${hash}\n`;
}

/** The part of the page that comes from the run; styles and scripts have their own tests. */
function pageBody(html: string): string {
  return html.slice(html.indexOf("<main>"), html.indexOf("</main>"));
}

describe.each(Object.entries(SAVED_RUNS))("%s", (name, build) => {
  const record = build();
  const report = analyse(record);

  test("terminal", () => {
    const narrow = renderTerminal(report, record, { columns: 60, color: false, rows: 40 });
    const wide = renderTerminal(report, record, { columns: 100, color: false, rows: 60 });
    matchGolden(`${name}/terminal.txt`, `${narrow}\n${"=".repeat(100)}\n\n${wide}`);
  });

  test.each(REPORTERS.map((reporter) => [reporter.name, reporter] as const))("%s", (_, reporter) => {
    const text = String(reporter.render({ report, record }));
    matchGolden(`${name}/${reporter.fileName}`, reporter === htmlReporter ? pageBody(text) : text);
  });
});
