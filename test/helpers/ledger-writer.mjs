// Appends lines to a ledger, one after the other, and says each that the disk has: node ledger-writer.mjs FILE NAME COUNT KB
import { appendLine } from "../../dist/ledger/append-line.js";

const [file, name, count, kb] = process.argv.slice(2);
const line = (id) => ({
  ledger: 1,
  id,
  startedAt: "2026-03-01T12:00:00.000Z",
  tool: "0.1.0",
  scenario: { name: "Checkout", file: "checkout.yaml", sha256: "a" },
  sources: [],
  lockFiles: [],
  commit: null,
  verdict: "pass",
  score: null,
  evidence: "interval",
  whole: true,
  folder: "x".repeat(Number(kb) * 1000),
  baseline: "pass",
  faults: [],
});
for (let n = 0; n < Number(count); n += 1) {
  await appendLine(file, line(`${name}-${n}`));
  process.stdout.write(`${name}-${n}\n`);
}
