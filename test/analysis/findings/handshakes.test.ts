import { expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { type HandshakeCounts, tlsTarget } from "../../../src/faults/tls-evidence.js";
import type { TlsFault } from "../../../src/faults/tls-fault.js";
import { buildRecord } from "../../helpers/record-builder.js";

const NONE: HandshakeCounts = {
  met: 0,
  alerts: {},
  closed: 0,
  wentOn: 0,
  open: 0,
  notTls: 0,
  waitedMs: null,
};

/** What is found of a fault that these handshakes met, by id. */
function found(fault: TlsFault, counts: Partial<HandshakeCounts>): ReadonlyMap<string, string> {
  const target = tlsTarget({ proxy: "pay", fault, handshakes: { ...NONE, ...counts } });
  // As it is read again from a file.
  const targets = [JSON.parse(JSON.stringify(target))];
  const proof = { strength: "observed", proven: true, explanation: "handshakes", targets } as const;
  const record = buildRecord({
    slos: ["availability >= 99%"],
    phases: [
      { kind: "baseline", seconds: 40 },
      { kind: "fault", fault: "bad certificate", seconds: 40 },
      { kind: "recovery", fault: "bad certificate", seconds: 40 },
    ],
    faults: [{ name: "bad certificate", proof }],
  });
  const [report] = analyse(record).faults;
  return new Map(report?.findingIds?.map((id, index) => [id, report.findings[index] ?? ""]));
}

test("how clients refused is told: by which alerts, or without one", () => {
  const findings = found("expired", {
    met: 14,
    alerts: { "certificate expired": 10, "unknown ca": 1 },
    closed: 3,
  });
  expect(findings.get("handshakes")).toBe(
    "14 handshakes with pay met the expired certificate: 10 refused it (certificate expired), 1 refused it (unknown ca), 3 closed the connection.",
  );
  expect(findings.has("accepted_certificate")).toBe(false);
});

test.each([
  ["expired", "the expired certificate"],
  ["wrong-name", "the certificate for another name"],
  ["untrusted", "the certificate from an unknown authority"],
] as const)("%s: a client that goes on is said to verify nothing", (fault, certificate) => {
  const findings = found(fault, { met: 14, closed: 2, wentOn: 12 });
  expect(findings.get("accepted_certificate")).toMatch(
    new RegExp(
      `^A client of pay accepted ${certificate} in 12 of 14 handshakes, .* does not verify certificates`,
    ),
  );
  expect([...findings.keys()].slice(0, 2)).toEqual(["accepted_certificate", "handshakes"]);
});

test("how long clients waited for a handshake that hangs is told", () => {
  const waitedMs = { least: 351, most: 1456 };
  const findings = found("hang", { met: 265, closed: 249, open: 16, waitedMs });
  expect(findings.get("handshakes")).toBe(
    "265 handshakes with pay not answered, 249 given up after 351 ms to 1.46 s, 16 still waiting.",
  );
});
