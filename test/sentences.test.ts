/**
 * What is known is data, and a sentence is made of it once: nobody looks into a sentence, or compares by one. A sentence is
 * known here by the name of the field or variable that holds it, so one under another name would not be found.
 */

import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const src = fileURLToPath(new URL("../src", import.meta.url));

const ROOMS = [
  ...["analysis", "report", "debrief", "run", "app", "cli", "library", "ledger", "live", "plan", "faults"],
  ...["scenario", "gameday", "schedule", "signals", "telemetry", "traces", "kubernetes"],
];

const SENTENCE =
  "(?:reason|reasons\\[\\w+\\]|sentence|explanation|description|message|messageOf\\([\\w.]+\\)|briefly|notRun|notRunBrief|mostly|finding|findings\\[\\w+\\]|title|hypothesis|hint|help|expected)";

/** Methods that look into a text. Those that only lay it out (slice, trim, padEnd) are left out. */
const LOOKS = new RegExp(
  `\\b${SENTENCE}[!?]?\\.(?:includes|startsWith|endsWith|indexOf|lastIndexOf|search|match|matchAll|split|replace|replaceAll)\\(`,
);
/** A pattern held against a sentence. */
const TESTS = new RegExp(`\\.(?:test|exec)\\((?:[\\w.]+\\.)?${SENTENCE}\\)`);
/** null and undefined say whether there is one, and "" whether it says anything. */
const COMPARES = new RegExp(
  `(?<!typeof (?:\\w+\\.)*)\\b${SENTENCE} [!=]==? (?!null\\b|undefined\\b|"")|[!=]==? (?:[\\w.!?]+\\.)${SENTENCE}\\b(?!\\.length)`,
);

/** Files and folders, each with why it may. */
const ALLOWED: Readonly<Record<string, string>> = {
  "analysis/compare/test-differences.ts": "older reports have what a fault did in words alone",
  "run/safety/left-behind.ts": "a list of messages ends with the one full stop of its own",
  // Only their words say what others found wrong.
  "faults/toxiproxy/client/toxiproxy-api.ts": "a Toxiproxy server",
  "gameday/quiet/read-calendar.ts": "ical.js",
  "scenario/generate/compose/compose-file.ts": "the YAML parser",
  "scenario/read/": "the YAML parser and the file system",
  "schedule/due/cron-line.ts": "croner",
};

async function linesThat(pattern: RegExp): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(src, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    const name = relative(src, file);
    if (!entry.isFile() || !name.endsWith(".ts") || !ROOMS.includes(name.split("/")[0] ?? "")) continue;
    for (const line of (await readFile(file, "utf8")).split("\n")) {
      if (pattern.test(line)) found.push(`${name}: ${line.trim()}`);
    }
  }
  return found;
}

/** One sentence looked for among others. */
const FINDS = new RegExp(`\\.(?:includes|indexOf)\\((?:\\w+\\.)*${SENTENCE}\\)`);

test("no code takes a sentence apart or compares by one", async () => {
  const patterns = [LOOKS, TESTS, COMPARES, FINDS];
  const found = (await Promise.all(patterns.map(linesThat))).flat();
  const placeOf = (line: string) => Object.keys(ALLOWED).find((place) => line.startsWith(place));
  expect(found.filter((line) => placeOf(line) === undefined)).toEqual([]);
  // What no longer needs it is taken off the list.
  expect([...new Set(found.map(placeOf))].sort()).toEqual(Object.keys(ALLOWED).sort());
});

test.each([
  "if (report.reason.includes(open.reason)) return;",
  "const [head] = fault.explanation.split(':');",
  "const isDead = /after it was ready/.test(ending.reason);",
  "return messageOf(error).replace(/x/, '');",
  "return old.reason === now.reason;",
  'return finding.startsWith("p99 ");',
  "return slo.mostly !== told?.mostly;",
  ".filter((finding) => !ofTraces.includes(finding))",
])("it would find: %s", (line) => {
  expect([LOOKS, TESTS, COMPARES, FINDS].some((pattern) => pattern.test(line))).toBe(true);
});

test.each([
  "const why = reason === null ? '' : reason;",
  "if (fault.injection.description === '') return;".replace("''", '""'),
  "const { reason } = report;",
  "reasons.includes(id)",
])("it would not find: %s", (line) => {
  expect([LOOKS, TESTS, COMPARES, FINDS].some((pattern) => pattern.test(line))).toBe(false);
});
