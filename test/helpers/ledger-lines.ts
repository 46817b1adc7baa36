import type { FaultShown, LedgerLine } from "../../src/ledger/ledger-line.js";
import type { PlacedLine } from "../../src/ledger/read-ledger.js";

let made = 0;

export function faultShown(changes: Partial<FaultShown> = {}): FaultShown {
  return {
    name: "slow cache",
    verdict: "pass",
    reason: "",
    kinds: ["latency"],
    dependencies: ["cache"],
    requests: [{ request: null, verdict: "pass" }],
    search: null,
    ...changes,
  };
}

export function ledgerLine(changes: Partial<LedgerLine> = {}): LedgerLine {
  made += 1;
  return {
    ledger: 1,
    id: `run-${made}`,
    startedAt: "2026-03-01T12:00:00.000Z",
    tool: "0.1.0",
    scenario: { name: "Checkout", file: "chaos/checkout.yaml", sha256: "a" },
    sources: [{ file: "chaos/checkout.yaml", sha256: "a" }],
    lockFiles: [],
    commit: null,
    verdict: "pass",
    score: 100,
    evidence: "interval",
    whole: true,
    folder: "20260301-120000-checkout",
    baseline: "pass",
    faults: [faultShown()],
    ...changes,
  };
}

/** As they would stand in a file, one below the other. */
export function placed(lines: readonly LedgerLine[]): readonly PlacedLine[] {
  return lines.map((line, index) => ({ number: index + 1, line }));
}
