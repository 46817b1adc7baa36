import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { parseRecord, readRecord } from "../../src/measure/read-record.js";
import { FaultlineError } from "../../src/support/errors.js";
import { buildRecord, sloOf } from "../helpers/record-builder.js";

const record = buildRecord({
  ratePerS: 20,
  phases: [
    { kind: "baseline", seconds: 5 },
    { kind: "fault", fault: "slow", seconds: 5, bad: { timeout: 0.2 } },
  ],
});
const text = JSON.stringify(record);

async function refusal(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof FaultlineError) return `${error.code} ${error.exitCode}: ${error.message}`;
    throw error;
  }
  throw new Error("it was accepted");
}

/** The record with one value replaced, given by its path: "phases.1.all.scheduled.3". */
function edited(path: string, value: unknown): string {
  const copy = JSON.parse(text);
  const keys = path.split(".");
  const last = keys.pop()!;
  let at = copy;
  for (const key of keys) at = at[key];
  if (value === undefined) delete at[last];
  else at[last] = value;
  return JSON.stringify(copy);
}

describe("a record from a file", () => {
  it("is what was written, also after a byte order mark", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "faultline-record-")), "record.json");
    writeFileSync(file, `\uFEFF${text}`);
    expect(await readRecord(file)).toEqual(record);
  });

  it("keeps keys that a later version of the same format adds", () => {
    expect(parseRecord(edited("later", { a: 1 }), "record.json")).toMatchObject({ later: { a: 1 } });
  });

  it("that is missing or a folder", async () => {
    expect(await refusal(() => readRecord("/no/such/record.json"))).toMatch(/^FILE_NOT_FOUND 2: \/no\/such/);
    expect(await refusal(() => readRecord(tmpdir()))).toMatch(/^FILE_UNREADABLE 2: /);
  });

  it.each([
    ["empty", "  \n", /^RECORD_INVALID 2: r.json is empty$/],
    [
      "cut off",
      text.slice(0, 2000),
      /^RECORD_INVALID 2: r.json is not valid JSON \(it seems to be cut off\)/,
    ],
    ["NaN", text.replace(/"seed":\d+/, '"seed":NaN'), /^RECORD_INVALID 2: r.json is not valid JSON/],
    ["a scenario", "faultline: 1\n", /^RECORD_INVALID 2: r.json is not valid JSON: /],
    ["something else", "[1,2]", /^RECORD_INVALID 2: .*is not a record/],
    ["newer", edited("formatVersion", 3), /^RECORD_TOO_NEW 2: .*format 3.*up to 2/],
    [
      "negative",
      edited("phases.1.all.scheduled.3", -5),
      /phases\[1\]\.all\.scheduled\[3\]: expected a whole number of 0 or more; found -5$/,
    ],
    [
      "null for NaN",
      edited("phases.0.all.outcomes.ok.0", null),
      /phases\[0\]\.all\.outcomes\.ok\[0\]: .*; found null$/,
    ],
    ["half a request", edited("phases.0.all.outcomes.ok.0", 1.5), /found 1\.5$/],
    [
      "negative time",
      edited("phases.0.all.latencyMs.p99.2", -1),
      /phases\[0\]\.all\.latencyMs\.p99\[2\]: .*; found -1$/,
    ],
    ["missing", edited("load.model", undefined), /load\.model: expected a load model; found nothing$/],
    [
      "quantile of 1",
      edited("slos.1.metric.q", 1),
      /slos\[1\]\.metric\.q: expected a number below 1; found 1$/,
    ],
    [
      "more outcomes than requests",
      edited("phases.1.all.scheduled.3", 7),
      /phases\[1\] \(fault-1\), all requests: in second 3, 7 were scheduled but 20 have an outcome/,
    ],
    [
      "short column",
      edited("phases.1.all.lagP99Ms", [0.1]),
      /"lagP99Ms" has 1 seconds where "scheduled" has 5/,
    ],
    ["too many slow", edited("phases.0.all.slow.0.due.1", 21), /more answers were slower than 400000 us/],
    [
      "broken histogram",
      edited("phases.0.requests.0.histograms.latency", "AAAA"),
      /phases\[0\]\.requests\[0\]\.histograms\.latency: expected an HdrHistogram \(.+\); found "AAAA"$/,
    ],
    [
      "swapped histogram",
      edited("phases.1.all.histograms.latency", record.phases[0]?.all.histograms.latency),
      /the histogram "latency" holds 100 answers where the seconds hold/,
    ],
  ])("that is wrong is refused with what and where: %s", async (_, content, message) => {
    expect(await refusal(() => parseRecord(content, "r.json"))).toMatch(message);
  });

  it("wherever it is cut off, is refused with a code", async () => {
    for (let length = 1; length < text.length; length += 997) {
      expect(await refusal(() => parseRecord(text.slice(0, length), "r.json"))).toMatch(/^RECORD_INVALID 2/);
    }
  });
});

describe("a later round of a fault", () => {
  const own = { ...sloOf("availability >= 50%"), fault: "slow" };
  const common = { ...sloOf("availability >= 99%"), exceptFaults: ["slow"] };
  const later = buildRecord({
    ratePerS: 20,
    slos: [common, own],
    phases: [
      { kind: "baseline", seconds: 5 },
      { kind: "fault", fault: "slow (round 2)", seconds: 5 },
    ],
  });

  it("is told in the name alone by older records, and is judged by what the scenario says of the fault", () => {
    const read = parseRecord(JSON.stringify(later), "record.json");
    const round = { of: "slow", number: 2 };
    expect(read.faults).toMatchObject([{ name: "slow (round 2)", round }]);
    expect(read.phases.at(-1)).toMatchObject({ fault: "slow (round 2)", round });
    expect(analyse(read).faults[0]?.slos.map(({ expect }) => expect)).toEqual(["availability >= 50%"]);
  });

  it("is a number where the record says so, whatever the name looks like", () => {
    const round = { of: "slow", number: 3 };
    const faults = later.faults.map((fault) => ({ ...fault, name: "another", round }));
    expect(parseRecord(JSON.stringify({ ...later, faults }), "record.json").faults[0]?.round).toEqual(round);
  });
});
