import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { type Decidability, decidability } from "../../src/analysis/decidability.js";
import { main } from "../../src/cli/main.js";
import { loadScenario } from "../helpers/scenario-files.js";

interface Sketch {
  readonly load?: string;
  readonly phases?: string;
  readonly slos: readonly string[];
  readonly evidence?: "interval" | "observed";
}

function scenarioText({
  load = "rate: 200/s",
  phases = "{ baseline: 30s, fault: 30s, recovery: 30s }",
  slos,
  evidence = "interval",
}: Sketch): string {
  const list = slos.map((slo) => `  - ${JSON.stringify(slo)}`).join("\n");
  return `faultline: 1
name: Decide
proxies: { cache: { listen: 127.0.0.1:0, upstream: 127.0.0.1:6390 } }
load:
  target: http://127.0.0.1:3000
  ${load.split("\n").join("\n  ")}
phases: ${phases}
evidence: ${evidence}
slos:
${list}
faults:
  - { name: slow, proxy: cache, latency: 300ms }
  - { name: cut, proxy: cache, partition: both }
`;
}

async function ask(sketch: Sketch) {
  const file = join(mkdtempSync(join(tmpdir(), "faultline-decide-")), "scenario.yaml");
  writeFileSync(file, scenarioText(sketch));
  return decidability(await loadScenario(file, { cwd: tmpdir(), env: {}, set: [], vars: [] }));
}

function of(found: readonly Decidability[], phase: Decidability["phase"]): Decidability {
  const line = found.find((each) => each.phase === phase);
  if (!line) throw new Error(`nothing about the ${phase} phase`);
  return line;
}

it("says how many requests are needed, and which rate or duration would do", async () => {
  const line = of(await ask({ slos: ["availability >= 99.9%"] }), "fault");
  expect(line).toEqual({
    slo: "availability >= 99.9%",
    slos: [expect.objectContaining({ text: "availability >= 99.9%", fault: null })],
    phase: "fault",
    requests: 6000,
    faults: ["slow", "cut"],
    answer: "undecidable",
    id: "too_few_to_pass",
    facts: {
      slo: "availability >= 99.9%",
      requests: 6000,
      phaseS: 30,
      least: 20_598,
      remedy: { byRate: { ratePerS: 690, forS: null }, byTime: { seconds: 75, ratePerS: 200 } },
    },
    text: expect.any(String),
    sentence:
      "availability >= 99.9% cannot pass with 6,000 requests in 30 s: 20,600 are needed; use rate: 690/s, or 75 s at 200/s.",
  });
});

it("its advice holds: the rate, the duration and the recovery that it names are decidable", async () => {
  const slos = ["availability >= 99.9%", "recovery < 5s"];
  const before = await ask({ slos });
  expect(of(before, "recovery")).toMatchObject({ answer: "undecidable" });
  expect(of(before, "recovery").sentence).toContain("use recovery: 105s, or rate: 800/s.");
  for (const better of [
    { load: "rate: 800/s" },
    { phases: "{ baseline: 75s, fault: 75s, recovery: 105s }" },
  ]) {
    const after = await ask({ slos, ...better });
    expect(after.map(({ answer }) => answer)).toEqual(after.map(() => "decidable"));
  }
});

it("names the shortest phase where only time is missing", async () => {
  const line = of(
    await ask({ slos: ["p95 < 1s"], phases: "{ baseline: 30s, fault: 10s, recovery: 30s }" }),
    "fault",
  );
  expect(line.answer).toBe("undecidable");
  expect(line.sentence).toBe(
    "p95 < 1s cannot pass: a phase must last at least 30 s to pass, and this one lasts 10 s; use 30 s at 200/s.",
  );
});

it("counts only the requests of a name, and scales its advice to the whole load", async () => {
  const load = `rate: 200/s
requests:
  - { name: browse, path: /, weight: 9 }
  - { name: checkout, path: /orders }`;
  const line = of(await ask({ load, slos: ["p99(checkout) < 1s"] }), "fault");
  expect(line.sentence).toBe(
    "p99(checkout) < 1s cannot pass with 600 requests in 30 s: 2,042 are needed; use rate: 690/s, or 70 s at 200/s.",
  );
});

it.each([
  ["interval", "p99.999 < 5s", "use rate: 69,000/s, or 4,940 s at 200/s"],
  ["observed", "p99.999 < 5s", "use rate: 3,400/s, or 500 s at 200/s"],
] as const)(
  "refuses a quantile that the requests cannot have, and says what would do (%s)",
  async (evidence, slo, remedy) => {
    const line = of(await ask({ slos: [slo], evidence }), "fault");
    expect(line.answer).toBe("impossible");
    expect(line.sentence).toBe(
      "p99.999 < 5s cannot be measured with 6,000 requests in 30 s: " +
        `p99.999 exists from 100,000 on (below that it is max); ${remedy}.`,
    );
  },
);

it("a relative target is open until the baseline, whatever it is about", async () => {
  const [share, rate] = await Promise.all(
    ["error_rate < 2x baseline", "throughput >= 0.9x baseline"].map(async (slo) =>
      of(await ask({ slos: [slo] }), "fault"),
    ),
  );
  expect([share?.answer, rate?.answer]).toEqual(["unknown", "unknown"]);
  expect(share?.sentence).toBe(
    "error_rate < 2x baseline: cannot be told before the run; its target is known only after the baseline, and is 0 if the baseline has no error.",
  );
  expect(rate?.sentence).toBe(
    "throughput >= 0.9x baseline: cannot be told before the run; its target is known only after the baseline.",
  );
});

it("scales the rate that would do to the whole load", async () => {
  const load = `rate: 10/s
requests:
  - { name: browse, path: /, weight: 9 }
  - { name: checkout, path: /orders }`;
  const line = of(await ask({ load, slos: ["p99(checkout) < 1s"], evidence: "observed" }), "fault");
  expect(line.sentence).toContain("with 30 requests in 30 s");
  expect(line.sentence).toContain("use rate: 34/s, or 100 s at 10/s.");
});

it.each([
  ["availability >= 100%", "undecidable", "no number of requests"],
  ["throughput >= 250/s", "undecidable", "the load asks for 200/s"],
  ["throughput >= 150/s", "decidable", "suffice"],
  ["error_rate < 2x baseline", "unknown", "only after the baseline"],
  ["availability >= baseline - 1%", "decidable", "suffice"],
  ["max < 2s", "decidable", "is what it is"],
  ["error_rate < 5% for 10s", "decidable", "suffice"],
  ["error_rate < 0.5% for 5s", "undecidable", "requests in each 5 s"],
  ["error_rate < 5% for 60s", "impossible", "a window of 60 s"],
] as const)("%s: %s", async (slo, answer, words) => {
  const line = of(await ask({ slos: [slo] }), "fault");
  expect(line.answer).toBe(answer);
  expect(line.sentence).toContain(words);
});

it("with connections says how many requests it would take, as their number is the system's doing", async () => {
  const found = await ask({ load: "connections: 10", slos: ["availability >= 99.9%", "recovery < 5s"] });
  expect(of(found, "fault")).toMatchObject({ answer: "unknown" });
  expect(of(found, "fault").sentence).toContain("needs 20,600 requests in 30 s");
  expect(of(found, "recovery").answer).toBe("unknown");
});

it("a quick look decides everything that can be measured", async () => {
  const phases = "{ baseline: 5s, fault: 5s, recovery: 5s }";
  const found = await ask({
    slos: ["availability >= 99.9%", "p99 < 1s", "recovery < 3s"],
    phases,
    evidence: "observed",
  });
  expect(found.every(({ answer }) => answer === "decidable")).toBe(true);
});

it("what cannot be measured is refused before anything starts, by validate and run alike", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "faultline-decide-")), "scenario.yaml");
  writeFileSync(file, scenarioText({ slos: ["p99.999 < 5s"] }));
  for (const command of [["validate"], ["run"], ["run", "--dry-run"]]) {
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    const exitCode = await main([...command, file], {
      stdin: Readable.from([]),
      stdout,
      stderr,
      env: {},
      cwd: tmpdir(),
      onSignal: () => () => {},
      exitNow: () => {},
    });
    stdout.end();
    stderr.end();
    expect([command, exitCode]).toEqual([command, 2]);
    const printed = `${await text(stdout)}${await text(stderr)}`;
    expect(printed).toContain(`${file}:10:5: p99.999 < 5s cannot be measured`);
    expect(printed).toContain("p99.999 exists from 100,000 on");
    expect(printed).toContain(`  > 10 |   - "p99.999 < 5s"\n       |     ^^^^^^^^^^^^^^\n`);
  }
});
