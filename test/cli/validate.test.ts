import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { main } from "../../src/cli/main.js";
import { folderWith, scenarioText } from "../helpers/scenario-files.js";
import { testIo } from "../helpers/test-io.js";

async function validate(cwd: string, ...args: string[]) {
  const io = testIo({ cwd });
  const exitCode = await main(["validate", ...args], io);
  return { exitCode, out: io.out(), err: io.err() };
}

const BAD = scenarioText("", "  rate: 5");

test("a valid scenario: what it is, exit 0, nothing on stderr", async () => {
  const { exitCode, out, err } = await validate(folderWith({ "a.yaml": scenarioText() }), "a.yaml");
  expect(out).toContain("a.yaml: valid (1 fault, 95 s)\n1 scenario, 0 invalid: 0 errors, 0 warnings\n");
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
});

test("mistakes: place, frame and help on stdout, exit 2", async () => {
  const { exitCode, out, err } = await validate(folderWith({ "a.yaml": BAD }), "a.yaml");
  expect({ exitCode, err }).toEqual({ exitCode: 2, err: "" });
  expect(out).toContain(
    "a.yaml:7:9: load.rate: expected a rate with its unit, such as 200/s; found the number 5\n",
  );
  expect(out).toContain("      |         ^\n");
  expect(out).toContain("  = Write 5/s.\n");
  expect(out).toContain("1 scenario, 1 invalid: 1 error, 0 warnings\n");
});

test("a latency target above the timeout is told that the timeout comes first", async () => {
  const text = scenarioText().replace(/^slos:.*$/m, "slos: [p50 < 60s]");
  const { exitCode, out } = await validate(folderWith({ "a.yaml": text }), "a.yaml");
  expect(exitCode).toBe(0);
  expect(out).toMatch(/a\.yaml:\d+:\d+: warning: p50 < 60s: the timeout of \d.* comes first/);
  const within = text.replace("p50 < 60s", "p50 < 400ms");
  expect((await validate(folderWith({ "a.yaml": within }), "a.yaml")).out).not.toContain("comes first");
});

test("folders stand for the scenarios in them; parts and other YAML are passed over; one bad file does not hide the rest", async () => {
  const cwd = folderWith({ "bad.yaml": BAD, "part.yaml": "slos: [p99 < 1s]", "compose.yml": "services: {}" });
  mkdirSync(join(cwd, "more", "deep"), { recursive: true });
  writeFileSync(join(cwd, "more", "deep", "good.yml"), scenarioText());
  const { exitCode, out } = await validate(cwd, ".", "missing.yaml", "bad.yaml");
  expect(exitCode).toBe(2);
  expect(out).toContain("more/deep/good.yml: valid");
  expect(out).toContain("missing.yaml: missing.yaml does not exist\n");
  expect(out).toContain("3 scenarios, 2 invalid: 2 errors, 0 warnings\n");
});

test("--format json: places and kinds for editors and CI", async () => {
  const { exitCode, out } = await validate(
    folderWith({ "a.yaml": BAD, "b.yaml": scenarioText() }),
    "--format",
    "json",
    ".",
  );
  expect(exitCode).toBe(2);
  expect(JSON.parse(out)).toMatchObject({
    formatVersion: 1,
    valid: false,
    files: [
      {
        file: "a.yaml",
        valid: false,
        diagnostics: [
          {
            severity: "error",
            code: "wrong-value",
            line: 7,
            column: 9,
            endLine: 7,
            endColumn: 10,
            help: "Write 5/s.",
          },
        ],
      },
      { file: "b.yaml", valid: true, diagnostics: [] },
    ],
  });
});

test("--set, --var and --allow-host are taken as `run` takes them", async () => {
  const text = scenarioText("vars: { r: 5 }", "  rate: ${r}").replace(
    "http://127.0.0.1:3000",
    "http://shop.example.com",
  );
  const cwd = folderWith({ "a.yaml": text });
  expect((await validate(cwd, "a.yaml")).exitCode).toBe(2);
  expect((await validate(cwd, "a.yaml", "--var", "r=5/s", "--allow-host", "shop.example.com")).exitCode).toBe(
    0,
  );
  expect(
    (await validate(cwd, "a.yaml", "--set", "load.rate=5/s", "--set", "load.target=http://localhost"))
      .exitCode,
  ).toBe(0);
});

test("an SLO that the plan can never pass is said before the run, where it stands, once for all its phases", async () => {
  const { exitCode, out } = await validate(
    folderWith({ "a.yaml": scenarioText("", "  rate: 1/s") }),
    "a.yaml",
  );
  expect(exitCode).toBe(0);
  expect(out).toMatch(
    /^a\.yaml:\d+:\d+: warning: availability >= 99% cannot pass .* \(in the baseline; during .*\)$/m,
  );
  expect(out).toMatch(/^ {2}> .*availability >= 99%.*\n +\| +\^{19}$/m);
  expect(out).toContain("1 scenario, 0 invalid: 0 errors, 1 warning\n");
});

test("an SLO that cannot be measured: where it stands, beside the scenario's other warnings", async () => {
  const text = [
    "faultline: 1",
    "name: Much too rare",
    "proxies:",
    "  cache: { listen: 127.0.0.1:0, upstream: 127.0.0.1:6390 }",
    "services: { app: { run: node app.js, readyTimeout: 5s } }",
    "load: { target: http://127.0.0.1:3000, rate: 100/s }",
    "faults:",
    "  - { name: slow, proxy: cache, latency: 1ms, repeat: 2, slos: &own [p99.99 < 1s] }",
    "  - { name: slower, proxy: cache, latency: 2ms, slos: *own }",
    "slos: [max < 1s]",
  ].join("\n");
  const { exitCode, out } = await validate(folderWith({ "a.yaml": text }), "--format", "json", "a.yaml");
  expect(exitCode).toBe(2);
  const { valid, diagnostics } = JSON.parse(out).files[0];
  expect(valid).toBe(false);
  expect(diagnostics).toEqual([
    expect.objectContaining({ severity: "warning", code: "suspicious" }),
    expect.objectContaining({
      severity: "error",
      code: "slo",
      line: 8,
      column: 70,
      endColumn: 81,
      message: expect.stringMatching(
        /cannot be measured with .*\(in the baseline; during slow, slow \(round 2\), slower\)$/,
      ),
    }),
  ]);
});

test("an SLO that cannot be measured is said once, with what does for the phase with the fewest requests", async () => {
  const more = "evidence: observed\nphases: { warmup: 0s, baseline: 4s, fault: 2s, recovery: 4s }";
  const text = scenarioText(more, "  rate: 22.5/s").replace("availability >= 99%", "p99 < 1s");
  const { out } = await validate(folderWith({ "a.yaml": text }), "--format", "json", "a.yaml");
  const messages = JSON.parse(out).files[0].diagnostics.map(({ message }: { message: string }) => message);
  expect(messages).toEqual([
    "p99 < 1s cannot be measured with 45 requests in 2 s: p99 exists from 100 on (below that it is max); " +
      "use rate: 50/s, or 5 s at 22.5/s (in the baseline; during slow cache)",
  ]);
});

test("an error is found behind a hundred warnings, and what is left out is counted", async () => {
  const slos = Array.from({ length: 120 }, (_, i) => `throughput >= ${1000 + i}/s`);
  const text = scenarioText().replace(
    "slos: [availability >= 99%]",
    `slos:\n${[...slos, "max < 1s", "p99.99 < 1s for 60s"].map((slo) => `  - ${slo}`).join("\n")}`,
  );
  const cwd = folderWith({ "a.yaml": text });
  const { exitCode, out } = await validate(cwd, "--format", "json", "a.yaml");
  const [{ valid, diagnostics, dropped }] = JSON.parse(out).files;
  expect({ exitCode, valid }).toEqual({ exitCode: 2, valid: false });
  expect(diagnostics).toHaveLength(100);
  expect(diagnostics.filter(({ severity }: { severity: string }) => severity === "error")).not.toEqual([]);
  expect(dropped).toBeGreaterThanOrEqual(21);
  expect((await validate(cwd, "a.yaml")).out).toContain(`… and ${dropped} more\n`);
});

test("a folder without scenarios and no file at all are usage errors", async () => {
  expect(await validate(folderWith({}), ".")).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining("no scenario in ."),
  });
  expect(await validate(folderWith({}))).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining("missing required argument"),
  });
});
