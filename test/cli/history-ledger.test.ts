import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appendLine } from "../../src/ledger/append-line.js";
import { faultline, temporaryFolder } from "../helpers/faultline.js";
import { faultShown, ledgerLine } from "../helpers/ledger-lines.js";

/** A folder whose ledger remembers searches; their reports are gone. */
async function folderWith(thresholds: readonly number[]): Promise<string> {
  const folder = await temporaryFolder();
  for (const [index, holdsUpTo] of thresholds.entries()) {
    const until = "p99 < 400ms";
    const search = {
      attribute: "latency",
      unit: "ms",
      until,
      holdsUpTo,
      breaksAt: holdsUpTo + 50,
      lessIsWorse: false,
    };
    await appendLine(
      join(folder, "reports/history.jsonl"),
      ledgerLine({
        startedAt: new Date(Date.UTC(2026, 2, index + 1)).toISOString(),
        faults: [faultShown({ name: "how slow", search })],
      }),
    );
  }
  return folder;
}

test("history tells a breaking point that falls from the ledger, also without reports", async () => {
  const folder = await folderWith([900, 800, 700, 600, 500, 400, 300]);
  await appendFile(join(folder, "reports/history.jsonl"), '{"ledger":1,');
  const { code, stdout, stderr } = await faultline(["history", "--html"], { cwd: folder });
  expect(code, stderr).toBe(0);
  expect(stderr).toContain("left out: history.jsonl:8: it is not whole");
  expect(stdout).toContain("how slow on cache: latency until p99 < 400ms");
  expect(stdout).toContain("900–950 ms → 800–850 ms → 700–750 ms");
  expect(stdout).toContain("↓ it withstands less and less: by chance alone so clear an order comes in 0.");
  const page = await readFile(join(folder, "reports/history.html"), "utf8");
  expect(page).toContain("it withstands less and less");
  const json = await faultline(["history", "--json", "--last", "3"], { cwd: folder });
  expect(JSON.parse(json.stdout)).toMatchObject([
    {
      scenario: "Checkout",
      runs: [],
      ledger: [
        {
          fault: "how slow",
          dependency: "cache",
          trend: { direction: null, p: null, meaning: null },
          points: [{ holdsUpTo: 500 }, { holdsUpTo: 400 }, { holdsUpTo: 300, breaksAt: 350, unit: "ms" }],
        },
      ],
    },
  ]);
});

test("what wanders is no trend", async () => {
  const folder = await folderWith([500, 450, 550, 500, 450, 550, 500]);
  const { stdout } = await faultline(["history"], { cwd: folder });
  expect(stdout).toContain("no trend beyond noise in 7 runs");
});
