import { expect, test } from "vitest";
import { recoverySlos } from "../../../src/analysis/slo/scope.js";
import { parseSlo } from "../../../src/slo/parse.js";
import type { Slo } from "../../../src/slo/slo.js";

function slo(text: string, changes: Partial<Slo> = {}): Slo {
  const parsed = parseSlo(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return { ...parsed.slo, ...changes };
}

test("a system has to be back at an SLO once, whichever of its phases a fault's own takes the place of", () => {
  const text = "availability >= 99% in baseline, fault";
  const parts = [
    slo(text, { phases: ["baseline"] }),
    slo(text, { phases: ["fault"], exceptFaults: ["down"] }),
    slo("availability >= 50%", { fault: "down" }),
  ];
  expect(recoverySlos(parts, "down").map(({ text }) => text)).toEqual([text]);
  expect(recoverySlos([...parts].reverse(), "down").map(({ text }) => text)).toEqual([text]);
  const alone = [slo("availability >= 99% in baseline"), slo("availability >= 50%", { fault: "down" })];
  expect(recoverySlos(alone, "down").map(({ text }) => text)).toEqual(["availability >= 50%"]);
});
