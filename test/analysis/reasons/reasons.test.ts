/** Reasons as data: a sentence is made of facts alone, and what a report says is what its facts say. */

import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { readReport } from "../../../src/analysis/document/read-report.js";
import type { Report } from "../../../src/analysis/document/report.js";
import { DECISIONS } from "../../../src/analysis/reasons/decisions.js";
import { because, REASONS, reason, reasonText } from "../../../src/analysis/reasons/reasons.js";
import { readRecord } from "../../../src/measure/read-record.js";
import { SAVED_RUNS } from "../../helpers/saved-runs.js";

interface Told {
  readonly path: string;
  readonly text: string;
  readonly because: readonly { readonly id: string; readonly facts: object }[] | undefined;
}

/** All that a report, as it was written, gives a reason or an explanation for. */
function toldIn(report: Report): readonly Told[] {
  const written: Report = JSON.parse(JSON.stringify(report));
  const { baseline, faults, checks = [], score, phases } = written;
  const of = (path: string, { reason, because }: Pick<Report, "reason" | "because">) => ({
    path,
    text: reason,
    because,
  });
  return [
    of("run", written),
    ...(score === null ? [] : [{ path: "score", text: score.explanation, because: score.because }]),
    ...phases.flatMap(({ id, invalid, because }) =>
      invalid === null ? [] : [{ path: `phase ${id}`, text: invalid, because }],
    ),
    ...baseline.slos.map((slo) => of(`baseline ${slo.expect}`, slo)),
    ...checks.map((check) => of(`check ${check.name}`, check)),
    ...faults.flatMap((fault) => [
      of(`fault ${fault.name}`, fault),
      ...fault.slos.map((slo) => of(`${fault.name} ${slo.expect} ${slo.phase}`, slo)),
      ...([fault.recovery, fault.detection] as const).map(({ explanation, because }) => ({
        path: `time of ${fault.name}`,
        text: explanation,
        because,
      })),
    ]),
  ];
}

describe.each(Object.entries(SAVED_RUNS))("the report of %s", (_, build) => {
  const told = toldIn(analyse(build()));

  test("says what its facts say, and nothing else", () => {
    expect(told.length).toBeGreaterThan(0);
    for (const { path, text, because } of told) {
      expect(because, path).toBeDefined();
      expect(because === undefined ? "" : reasonText(because as never), path).toBe(text);
    }
  });

  test("has the facts that the reference has for each id, under the same names", () => {
    const kinds: Readonly<Record<string, { readonly sample: object }>> = REASONS;
    for (const { path, because = [] } of told) {
      for (const { id, facts } of because) {
        expect(Object.keys(facts).sort(), `${path}: ${id}`).toEqual(
          Object.keys(kinds[id]?.sample ?? {}).sort(),
        );
      }
    }
  });
});

test.each(Object.entries({ ...REASONS, ...DECISIONS }))("%s has a sentence for its sample", (_, kind) => {
  const { sample, text }: { sample: object; text(facts: never): string } = kind;
  const sentence = text(JSON.parse(JSON.stringify(sample)) as never);
  expect(sentence).not.toBe("");
  expect(sentence).not.toMatch(/undefined|NaN|null|\[object/);
  // Two stops would follow each other.
  if (kind.end === ".") expect(sentence).not.toMatch(/[.:]$/);
});

test("clauses go on with the sentence before them, whatever it ended in", () => {
  const missed = reason("shorter_than_window", { windowS: 5 });
  const seconds = reason("needs_seconds", { leastS: 30, lastedS: 12 });
  const open = reason("slo_open", { slo: "p99 < 5ms", how: "undecided", more: 0 });
  expect(because(open, missed, seconds).reason).toBe(
    '"p99 < 5ms" is undecided: The phase is shorter than the window of 5 s, but a phase must last at least 30 s to pass and this one lasted 12 s.',
  );
  expect(because(missed, missed).reason).toBe(
    "The phase is shorter than the window of 5 s. The phase is shorter than the window of 5 s.",
  );
  expect(because().reason).toBe("");
});

test("an id of a later version is left out of a sentence, not made up", () => {
  const known = reason("no_slo", {});
  expect(reasonText([{ id: "of_tomorrow", facts: {} }, known])).toBe(
    "There is no SLO, so nothing was promised.",
  );
});

test.each(["search", "aborted"])("a report of an earlier version has none, and is read: %s", async (name) => {
  const file = (folder: string) =>
    fileURLToPath(new URL(`../../fixtures/${folder}/format-1-${name}.json`, import.meta.url));
  const earlier = await readReport(file("reports"));
  expect(toldIn(earlier).every((told) => told.because === undefined)).toBe(true);
  // The same record tells the same, now with facts.
  const anew = analyse(await readRecord(file("records")));
  expect(anew.reason).toBe(earlier.reason);
  expect(anew.because?.length).toBeGreaterThan(0);
});
