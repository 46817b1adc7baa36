import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { maskRecord } from "../../src/measure/masking/mask-record.js";
import { parseRecord } from "../../src/measure/read-record.js";
import type { RunRecord } from "../../src/measure/record.js";
import { parseSlo } from "../../src/slo/parse.js";
import { redact } from "../../src/support/redact.js";
import { SAVED_RUNS } from "../helpers/saved-runs.js";

const masked = (record: RunRecord, ...secrets: string[]) =>
  maskRecord(record, (text) => redact(text, secrets));

/** With all that a record can hold: an ended run, a search, reasons, proofs, examples of bad answers. */
const RUNS = [() => withCommand(withSample(SAVED_RUNS.fail())), SAVED_RUNS.aborted, SAVED_RUNS.search];

/** Its first fault is a later round of one that runs a command, and later another one. */
function withCommand(record: RunRecord): RunRecord {
  const [first, ...others] = record.faults;
  if (!first) throw new Error("the run has no fault");
  const round = { of: "the fault, as it is called", number: 2 };
  const actions = [
    {
      kind: "exec",
      driver: "process",
      target: "shop",
      spec: {
        type: "a text of its own",
        command: ["curl", "-H", "authorization: hunter2"],
        env: { TOKEN: "hunter2", DEBUG: null },
        times: 3,
        wait: true,
      },
    },
  ];
  return {
    ...record,
    plannedPhases: record.plannedPhases.map((phase) => ({ ...phase, round })),
    phases: record.phases.map((phase) => ({ ...phase, round })),
    faults: [{ ...first, round, actions, stages: [{ atMs: 1_000, actions }] }, ...others],
  };
}

/** Each phase has an example of a bad answer. */
function withSample(record: RunRecord, body = "down for maintenance"): RunRecord {
  const [request = ""] = record.load.requestNames;
  const sample = { reason: "status 503 instead of ok", request, status: 503, body };
  return { ...record, phases: record.phases.map((phase) => ({ ...phase, samples: [sample] })) };
}

/** Each text in it with its place: "phases[].reasons" and so on. */
function* textsIn(value: unknown, place = ""): Generator<readonly [string, string]> {
  if (typeof value === "string") yield [place, value];
  else if (Array.isArray(value) && typeof value[0] === "number") return;
  else if (Array.isArray(value)) for (const item of value) yield* textsIn(item, `${place}[]`);
  else if (value !== null && typeof value === "object") {
    for (const [key, inner] of Object.entries(value))
      yield* textsIn(inner, place === "" ? key : `${place}.${key}`);
  }
}

/** Words that have a meaning to a program, and what is measured or made by faultline itself. */
const NO_FREE_TEXT =
  /^(format|tool\..*|scenario\.(file|sha256)|startedAt|environment\.(node|platform|toxiproxy\.kind)|evidence|.*\.(kind|operator|unit|id|phase|verdict|startedAt|strength|code|exit|arrivals|metric\.kind)|slos\[\]\.(phases\[\]|text)|phases\[\].*histograms\.\w+|faults\[\].*actions\[\]\.(driver|target|spec\.(type|stream))|faults\[\]\.proof\.targets\[\]\.(driver|target|parts\[\])|faults\[\]\.search\.(proxy|attribute|until)|services\[\]\.name)$/;

test("no word of the format, no key and no number of a record changes, whatever the secrets are", () => {
  for (const build of RUNS) {
    const record = build();
    const before = analyse(record);
    const words = new Set([...JSON.stringify(record).matchAll(/[A-Za-z_]{4,}/g)].map(([word]) => word));
    words.delete("undefined");
    const all = masked(record, ...words);
    // It is still a record, and the same was observed.
    parseRecord(JSON.stringify(all), "record.json");
    const after = analyse(all);
    expect(after.verdict).toBe(before.verdict);
    expect(after.score?.value).toBe(before.score?.value);
    expect(after.faults.map(({ verdict }) => verdict)).toEqual(before.faults.map(({ verdict }) => verdict));
    expect(after.faults.flatMap(({ slos }) => slos.map((slo) => [slo.verdict, slo.observed]))).toEqual(
      before.faults.flatMap(({ slos }) => slos.map((slo) => [slo.verdict, slo.observed])),
    );
  }
});

test("every other text is masked: who adds one to the record says here that it needs none", () => {
  const places = new Set<string>();
  for (const build of RUNS) {
    const plain = [...textsIn(build())];
    const hidden = [...textsIn(maskRecord(build(), () => "•"))];
    expect(hidden.map(([place]) => place)).toEqual(plain.map(([place]) => place));
    for (const [at, [place, text]] of plain.entries()) {
      if (NO_FREE_TEXT.test(place) || /127\.0\.0\.1|localhost/.test(text)) continue;
      places.add(place);
      expect(hidden[at]?.[1], place).toMatch(/^(•|.*•.*)$/);
    }
  }
  expect(places.size).toBeGreaterThan(8);
});

test("an example of a bad answer tells no secret, and names its request as all others do", () => {
  const plain = withSample(SAVED_RUNS.fail(), '{"token":"hunter2-a","hint":"try /login"}');
  const [name = ""] = plain.load.requestNames;
  const { phases, load } = masked(plain, "hunter2-a", name);
  for (const { samples, requests } of phases) {
    expect(samples).toEqual([
      {
        reason: "status 503 instead of ok",
        request: load.requestNames[0],
        status: 503,
        body: '{"token":"•••","hint":"try /login"}',
      },
    ]);
    expect(requests.map(({ request }) => request)).toContain(samples?.[0]?.request);
  }
  expect(JSON.stringify(phases)).not.toContain("hunter2-a");
});

test("names that differ in a secret alone stay apart, and each is the same everywhere", () => {
  const record = SAVED_RUNS.fail();
  const [first = "", second = ""] = record.faults.map(({ name }) => name);
  const named = parseRecord(
    JSON.stringify(record)
      .replaceAll(`"${first}"`, '"on hunter2-a"')
      .replaceAll(`"${second}"`, '"on hunter2-b"'),
    "record.json",
  );
  const { faults, phases, plannedPhases } = masked(named, "hunter2-a", "hunter2-b");
  const others = record.faults.slice(2).map(({ name }) => name);
  expect(faults.map(({ name }) => name)).toEqual(["on •••", "on ••• (2)", ...others]);
  const ofFaults = (all: readonly { readonly fault: string | null }[]) => [
    ...new Set(all.flatMap(({ fault }) => fault ?? [])),
  ];
  expect(ofFaults(phases)).toEqual(["on •••", "on ••• (2)", ...others]);
  expect(ofFaults(plannedPhases)).toEqual(["on •••", "on ••• (2)", ...others]);
  expect(analyse(masked(named, "hunter2-a", "hunter2-b")).verdict).toBe(analyse(record).verdict);
});

test("an address on this machine stays one; its path and user, and other hosts, are masked", () => {
  const target = (targetUrl: string, ...secrets: string[]) => {
    const record = SAVED_RUNS.pass();
    return masked({ ...record, load: { ...record.load, targetUrl } }, ...secrets).load.targetUrl;
  };
  expect(target("http://127.0.0.1:3000/t/hunter2", "http", "127.0.0.1", "hunter2")).toBe(
    "http://127.0.0.1:3000/t/•••",
  );
  expect(target("https://ann:hunter2@shop.internal/x", "hunter2", "shop.internal")).toBe(
    "https://ann:•••@•••/x",
  );
  // A URL is in small letters.
  expect(target("http://hunter2xy.localhost:1", "Hunter2XY")).toBe("http://•••.localhost:1");
});

test("what an action is told by a user is masked; its keys and numbers, and the words of a driver, are not", () => {
  const record = withCommand(SAVED_RUNS.fail());
  const [told] = masked(record, "hunter2", "TOKEN", "command", "text").faults;
  const spec = {
    type: "a ••• of its own",
    command: ["curl", "-H", "authorization: •••"],
    env: { TOKEN: "•••", DEBUG: null },
    times: 3,
    wait: true,
  };
  expect(told?.actions.map((action) => action.spec)).toEqual([spec]);
  expect(told?.stages?.map(({ actions }) => actions.map((action) => action.spec))).toEqual([[spec]]);
  const [, toxic] = record.faults;
  expect(masked(record, "latency", "downstream", "timeout").faults[1]?.actions).toEqual(toxic?.actions);
});

test("in an SLO a request's name alone is masked, also where it reads like another word of the SLO", () => {
  const record = SAVED_RUNS.pass();
  const parsed = ["p99(p99) < 500ms", "availability >= 99%", 'p99("own p99") < 500ms in recovery'].map(
    (text) => {
      const read = parseSlo(text);
      if (!read.ok) throw new Error(read.error.message);
      return read.slo;
    },
  );
  const load = { ...record.load, requestNames: ["p99", "own p99"] };
  expect(masked({ ...record, slos: parsed, load }, "p99").slos.map(({ text }) => text)).toEqual([
    "p99(•••) < 500ms",
    "availability >= 99%",
    "p99(own •••) < 500ms in recovery",
  ]);
});
