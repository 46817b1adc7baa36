import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkAndPlan } from "../../src/plan/check-and-plan.js";
import { dryRunText } from "../../src/plan/dry-run-text.js";
import { FaultlineError } from "../../src/support/errors.js";
import { seededRandom } from "../../src/support/random.js";
import { FIXTURES, folderWith } from "../helpers/scenario-files.js";

const SEEDS = ["valid/everything.yaml", "valid/anchors.yaml", "base.yaml"].map((file) =>
  readFileSync(join(FIXTURES, file), "utf8"),
);

/** What breaks parsers: YAML's own signs, templates, numbers at their edges, names that objects have. */
const PIECES = [
  "${",
  "}",
  "${env.X}",
  "${x}",
  "$${",
  "${services.web.port}",
  "{",
  "[",
  "]",
  "- ",
  ": ",
  "\t",
  "\r\n",
  "\u0000",
  "\uFEFF",
  "&a ",
  "*a",
  "<<: ",
  "!!int ",
  "|",
  "> ",
  "'",
  '"',
  "#",
  "---\n",
  "%YAML 1.1\n",
  "0",
  "-1",
  "1e309",
  ".nan",
  ".inf",
  "null",
  "~",
  "true",
  "__proto__",
  "constructor",
  "toString",
  "99999999999999999999",
  "0s",
  "..",
  "p99",
  "? ",
  "é",
  "💥",
  "\n",
  "  ",
  "@",
  "`",
  ",",
];

function mutate(text: string, random: () => number): string {
  const below = (n: number) => Math.floor(random() * n);
  const piece = () => PIECES[below(PIECES.length)] ?? "";
  let result = text;
  for (let times = 1 + below(4); times > 0; times -= 1) {
    const at = below(result.length + 1);
    const lines = result.split("\n");
    const [a, b] = [below(lines.length), below(lines.length)];
    const tokens = [...result.matchAll(/[\w.%-]+/g)];
    const token = tokens[below(tokens.length)];
    switch (below(6)) {
      case 0:
        result = result.slice(0, at) + piece() + result.slice(at);
        break;
      case 1:
        result = result.slice(0, at) + result.slice(at + 1 + below(20));
        break;
      case 2:
        [lines[a], lines[b]] = [lines[b] ?? "", lines[a] ?? ""];
        result = lines.join("\n");
        break;
      case 3:
        lines.splice(a, 0, lines[b] ?? "");
        result = lines.join("\n");
        break;
      default:
        if (token)
          result = result.slice(0, token.index) + piece() + result.slice(token.index + token[0].length);
    }
  }
  return result;
}

async function holdUp(folder: string, text: string): Promise<"valid" | "invalid"> {
  await writeFile(join(folder, "scenario.yaml"), text);
  const began = performance.now();
  const { plan, diagnostics } = await checkAndPlan("scenario.yaml", { env: {}, cwd: folder });
  // Usually milliseconds; the rest is for a machine that is busy.
  expect(performance.now() - began).toBeLessThan(5000);
  for (const { line, column, message, frame } of diagnostics) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(text.split("\n").length + 1);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(message).not.toMatch(/undefined|\[object |^$/);
    expect(frame.includes("\u0000")).toBe(false);
  }
  if (plan) {
    expect(dryRunText(plan)).toContain("Timeline: ");
    return "valid";
  }
  expect(diagnostics.some(({ severity }) => severity === "error")).toBe(true);
  return "invalid";
}

test("600 mutated scenarios: a plan, or complaints with places; never an exception, never a hang", async () => {
  const folder = folderWith({ "users.csv": "email,age\na,1\n" });
  const random = seededRandom(20_240_601);
  const outcomes = { valid: 0, invalid: 0 };
  for (let n = 0; n < 600; n += 1) {
    const text = mutate(SEEDS[n % SEEDS.length] ?? "", random);
    try {
      outcomes[await holdUp(folder, text)] += 1;
    } catch (error) {
      throw new Error(`mutation ${n} broke the reader:\n${text}`, { cause: error });
    }
  }
  // Both kinds were met, so that the test looked at both.
  expect(outcomes.valid).toBeGreaterThan(5);
  expect(outcomes.invalid).toBeGreaterThan(200);
}, 60_000);

test("any text and any bytes are read or refused", async () => {
  const folder = folderWith({});
  const anything = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }),
    fc.json(),
  );
  await fc.assert(
    fc.asyncProperty(anything, async (content) => {
      await writeFile(join(folder, "scenario.yaml"), content);
      try {
        const { plan, diagnostics } = await checkAndPlan("scenario.yaml", { env: {}, cwd: folder });
        expect(plan).toBeNull();
        expect(diagnostics.length).toBeGreaterThan(0);
      } catch (error) {
        if (!(error instanceof FaultlineError)) throw error;
        expect(error.code).toBe("FILE_UNREADABLE");
      }
    }),
    { numRuns: 200 },
  );
}, 60_000);

test("any value in any place is accepted or refused at a place", async () => {
  const folder = folderWith({ "users.csv": "email,age\na,1\n", "scenario.yaml": SEEDS[0] ?? "" });
  const paths = [
    "load.rate",
    "load.stages.0",
    "load.journeys.0.steps.1.path",
    "faults.0.latency",
    "faults",
    "slos.1",
    "services.web",
    "proxies.db.upstream",
    "load.target",
    "phases",
    "seed",
    "abort.0",
    "load.data.users.file",
    "vars",
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), fc.oneof(fc.string(), fc.json()), async (path, value) => {
      const { plan, diagnostics } = await checkAndPlan("scenario.yaml", {
        env: {},
        cwd: folder,
        set: [`${path}=${value}`],
      });
      expect(
        plan !== null || diagnostics.some(({ severity, line }) => severity === "error" && line >= 1),
      ).toBe(true);
    }),
    { numRuns: 200 },
  );
}, 60_000);
