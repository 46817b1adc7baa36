import { expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { describeProof } from "../../../src/report/shown/fault-in-words.js";
import { buildRecord } from "../../helpers/record-builder.js";

function proofOf(
  acted: { connections: number; of: number } | null | undefined,
  fault: { connections: number; bytes: number },
) {
  const record = buildRecord({
    phases: [
      { kind: "baseline", seconds: 1 },
      { kind: "fault", fault: "slow", seconds: 1 },
    ],
  });
  const faults = record.faults.map((each) => ({
    ...each,
    proof: each.proof && {
      ...each.proof,
      acted,
      targets: each.proof.targets.map((target) => ({
        ...target,
        ...(target.traffic ? { traffic: { ...target.traffic, fault } } : {}),
      })),
    },
  }));
  const [report] = analyse({ ...record, faults }).faults;
  return report && describeProof(report);
}

test("a proof says on how many of how many connections the fault acted, where that is known", () => {
  const crossed = { connections: 6, bytes: 48_211 };
  expect(proofOf({ connections: 2, of: 5 }, crossed)).toBe("observed (on 2 of 5 connections, 48.2 kB)");
  expect(proofOf({ connections: 1, of: 1 }, crossed)).toBe("observed (1 connection, 48.2 kB)");
  expect(proofOf(null, crossed)).toBe("observed (6 connections, 48.2 kB)");
  // Records of earlier versions.
  expect(proofOf(undefined, crossed)).toBe("observed (6 connections, 48.2 kB)");
});

test("a proof through a proxy that was down does not say that no byte crossed", () => {
  expect(proofOf(null, { connections: 3, bytes: 0 })).toBe("observed (3 connections)");
});
