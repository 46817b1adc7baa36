import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { Report } from "../../src/analysis/document/report.js";
import type { checksJson } from "../../src/app/check-file.js";
import type { PhaseRecord, RunRecord } from "../../src/measure/record.js";
import { pickFreePort } from "../../src/run/reach/local-port.js";
import { faultline, root, startFaultline, temporaryFolder } from "../helpers/faultline.js";
import { killRun } from "../helpers/kill/kill-run.js";
import { sum } from "../helpers/load-plans.js";
import { type PluggedCopy, pluggedCopy } from "../helpers/plugged-copy.js";
import { PingServer } from "../load/ping/server.js";

const FIXTURE = "test/fixtures/file-driver";

/** A kind of fault and its driver, a kind of request and its protocol, a format, a source of signals: as CONTRIBUTING.md says that they are added. */
async function withPlugIns(folder: string): Promise<PluggedCopy> {
  const guide = await readFile(join(root, "CONTRIBUTING.md"), "utf8");
  const blocks = [...guide.matchAll(/```diff\n([\s\S]*?)```/g)].map(([, block = ""]) => block);
  // They stand in a list.
  const tables = [
    "src/faults/drivers.ts",
    "src/load/protocols.ts",
    "src/report/registry.ts",
    "src/signals/sources.ts",
  ];
  const diffs = tables.map((file) => {
    const block = blocks.find((each) => each.includes(file)) ?? "";
    return block.replaceAll(/^ {2}/gm, "");
  });
  const plugIns = {
    "src/faults/kinds/file.ts": `${FIXTURE}/kinds/file.ts`,
    "src/faults/file/driver.ts": `${FIXTURE}/file/driver.ts`,
    "src/faults/file/undo.ts": `${FIXTURE}/file/undo.ts`,
    "src/requests/ping/kind.ts": "test/requests/ping/kind.ts",
    "src/load/ping/protocol.ts": "test/load/ping/protocol.ts",
    "src/report/formats/lines.ts": "test/fixtures/lines-format/lines.ts",
    "src/scenario/signals/lines-page.ts": "test/fixtures/lines-signals/lines-page.ts",
    "src/signals/lines/lines-source.ts": "test/fixtures/lines-signals/lines-source.ts",
  };
  return pluggedCopy(folder, plugIns, diffs.join(""));
}

let folderOfCopy = "";
let copy: PluggedCopy;
beforeAll(async () => {
  folderOfCopy = await mkdtemp(join(tmpdir(), "faultline-plug-in-"));
  copy = await withPlugIns(folderOfCopy);
  // On a busy machine a compiler takes its time.
}, 180_000);
afterAll(() => rm(folderOfCopy, { recursive: true, force: true }));

/** A shop that is closed while there is a file of this name. */
async function closedByFile(phases: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder();
  const flag = join(folder, "maintenance");
  const port = await pickFreePort();
  const server = `require("node:http").createServer(({ url }, answer) => {
    if (url === "/lines") answer.end("orders 12\\ndepth 3\\n");
    else answer.writeHead(require("node:fs").existsSync(${JSON.stringify(flag)}) ? 503 : 200).end();
  }).listen(${port}, "127.0.0.1")`;
  await writeFile(join(folder, "shop.cjs"), server);
  const scenario = {
    faultline: 1,
    name: "A shop under maintenance",
    evidence: "observed",
    services: { shop: { run: "node shop.cjs", ready: `http://127.0.0.1:${port}/` } },
    load: { target: `http://127.0.0.1:${port}`, rate: "50/s" },
    signals: { depth: { lines: `http://127.0.0.1:${port}/lines`, value: "depth" } },
    phases,
    slos: ["availability >= 90%"],
    faults: [{ name: "maintenance", file: flag }],
  };
  const file = join(folder, "scenario.yaml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify(scenario, null, 2));
  const env = { FAULTLINE_STATE_DIR: join(folder, "state") };
  await mkdir(env.FAULTLINE_STATE_DIR);
  return { folder, file, flag, env };
}

test("a fault kind is a file and its entry, a driver a folder and one line, and so are all others", () => {
  const { touched } = copy;
  expect(Object.keys(touched)).toEqual([
    "src/faults/kinds/file.ts",
    "src/faults/file/driver.ts",
    "src/faults/file/undo.ts",
    "src/requests/ping/kind.ts",
    "src/load/ping/protocol.ts",
    "src/report/formats/lines.ts",
    "src/scenario/signals/lines-page.ts",
    "src/signals/lines/lines-source.ts",
    "src/faults/kinds/index.ts",
    "src/faults/drivers.ts",
    "src/requests/kinds.ts",
    "src/load/protocols.ts",
    "src/report/registry.ts",
    "src/scenario/signals/kinds.ts",
    "src/signals/sources.ts",
  ]);
  // Its import, and its place in the list.
  expect(touched["src/faults/kinds/index.ts"]).toBe(2);
  expect(touched["src/faults/drivers.ts"]).toBe(1);
  expect(touched["src/requests/kinds.ts"]).toBe(2);
  expect(touched["src/load/protocols.ts"]).toBe(2);
  expect(touched["src/report/registry.ts"]).toBe(2);
  expect(touched["src/scenario/signals/kinds.ts"]).toBe(2);
  expect(touched["src/signals/sources.ts"]).toBe(1);
});

test("a scenario with a fault of a new kind is checked, run, proven and told like any other", async () => {
  const { bin } = copy;
  const { folder, file, flag, env } = await closedByFile({
    warmup: "1s",
    baseline: "3s",
    fault: "3s",
    recovery: "3s",
  });
  const options = { bin, cwd: folder, env };

  const checked = await faultline(["validate", file], options);
  expect(checked.stdout).toContain("valid (1 fault");
  const twice = file.replace("scenario", "twice");
  const inject = [{ file: flag }, { file: flag }];
  const faults = [{ name: "maintenance", inject }];
  await writeFile(twice, JSON.stringify({ ...JSON.parse(await readFile(file, "utf8")), faults }));
  const refused = await faultline(["validate", twice], options);
  expect(refused.stdout).toContain(`\`file\` and \`file\` are the same file on ${flag}`);
  const signals = { depth: { lines: "http://127.0.0.1:1/lines", value: "the depth" } };
  await writeFile(twice, JSON.stringify({ ...JSON.parse(await readFile(file, "utf8")), signals }));
  expect((await faultline(["validate", twice], options)).stdout).toContain("expected the name of a line");
  const planned = await faultline(["run", file, "--dry-run"], options);
  expect(planned.stdout).toContain(`file ${flag}`);

  const run = await faultline(["run", file, "--json", "--out", join(folder, "out")], options);
  expect(run.code, run.stderr).toBe(1);
  const report: Report = JSON.parse(run.stdout);
  expect(report.faults).toMatchObject([
    {
      name: "maintenance",
      verdict: "fail",
      injection: { proven: true, strength: "observed", description: `file ${flag}` },
    },
  ]);
  const record: RunRecord = JSON.parse(await readFile(join(folder, "out", "record.json"), "utf8"));
  expect(record.faults[0]?.proof?.targets).toEqual([
    { driver: "file", target: flag, evidence: { isThere: true } },
  ]);
  expect(existsSync(flag)).toBe(false);
  // What a new source of signals has read in each phase.
  const read = record.phases.flatMap(({ signals = [] }) => signals);
  expect(read.map(({ signal }) => signal)).toEqual(["depth", "depth", "depth"]);
  const values = read.flatMap((depth) => depth.values ?? []);
  expect(values.length).toBeGreaterThanOrEqual(3);
  expect(new Set(values)).toEqual(new Set([3]));
  const help = await faultline(["report", "--help"], options);
  expect(help.stdout).toMatch(/^ {2}lines +a line for each fault$/m);
  const args = ["report", join(folder, "out"), "--reporter", "lines", "--out", join(folder, "again")];
  const again = await faultline(args, options);
  expect(again.stdout).toContain("maintenance");
  expect(await readFile(join(folder, "again", "lines.txt"), "utf8")).toBe("fail maintenance\n");
});

/** Runs until the fault is in place; then the run is killed, and its watchdog before it where that is asked for. */
async function killed(isAlone: boolean) {
  const here = await closedByFile({ warmup: "0s", baseline: "1s", fault: "60s" });
  const options = { bin: copy.bin, cwd: here.folder, env: here.env };
  const run = startFaultline(["run", here.file, "--out", join(here.folder, "out")], options);
  run.finished.catch(() => {});
  onTestFinished(() => void run.child.kill("SIGKILL"));
  await expect.poll(() => existsSync(here.flag), { timeout: 60_000 }).toBe(true);
  await killRun(run, { withWatchdog: isAlone });
  return { ...here, options };
}

test.runIf(process.platform === "linux")(
  "after kill -9 the watchdog undoes what a new driver did",
  async () => {
    const { flag } = await killed(false);
    await expect.poll(() => existsSync(flag), { timeout: 30_000 }).toBe(false);
  },
);

test.runIf(process.platform === "linux")(
  "where the watchdog was killed as well, heal undoes it",
  async () => {
    const { flag, options } = await killed(true);
    const preview = await faultline(["heal", "--dry-run"], options);
    expect(preview.stdout).toContain(`would remove file ${flag}`);
    expect(existsSync(flag)).toBe(true);
    const healed = await faultline(["heal"], options);
    expect(healed.stdout).toContain(`done: remove file ${flag}`);
    expect(healed.code).toBe(0);
    expect(existsSync(flag)).toBe(false);
  },
);

/** Requests to a server of pings, by a proxy. */
const pingScenario = (load: string, port = 1) => `faultline: 1
name: Pings
evidence: observed
proxies:
  wire: { upstream: "127.0.0.1:${port}" }
load:
${load}
phases: { warmup: 0s, baseline: 2s, fault: 2s, recovery: 1s }
slos: [availability >= 90%, availability(plain) >= 80%]
faults: [{ name: slow wire, proxy: wire, latency: 50ms }]
`;

const PINGS = `  target: "ping://\${proxies.wire.listen}"
  rate: 60/s
  data: { words: { rows: [{ word: yes }, { word: no }] } }
  requests:
    - { ping: "n\${seq}-\${data.words.word}", weight: 2 }
    - { name: plain, ping: hello }`;

test("requests of a new kind are checked, planned, sent, counted and told like any other", async () => {
  const server = new PingServer((text) => `pong ${text}`);
  await server.up();
  onTestFinished(() => server.down());
  const folder = await temporaryFolder();
  const env = { FAULTLINE_STATE_DIR: join(folder, "state") };
  await mkdir(env.FAULTLINE_STATE_DIR);
  const options = { bin: copy.bin, cwd: folder, env };
  await writeFile(join(folder, "pings.yaml"), pingScenario(PINGS, Number(new URL(server.url).port)));

  const planned = await faultline(["run", "pings.yaml", "--dry-run"], options);
  expect(planned.code, planned.stderr).toBe(0);
  expect(planned.stdout).toContain("66.7%  ping n${seq}-${data.words.word}\n");
  expect(planned.stdout).toContain("33.3%  plain: ping hello\n");

  const run = await faultline(["run", "pings.yaml", "--json", "--out", "out"], options);
  expect(run.code, run.stderr).toBe(0);
  const report: Report = JSON.parse(run.stdout);
  expect(report.faults).toMatchObject([{ name: "slow wire", verdict: "pass", injection: { proven: true } }]);
  const record: RunRecord = JSON.parse(await readFile(join(folder, "out", "record.json"), "utf8"));
  expect(record.load.requestNames).toEqual(["ping n${seq}-${data.words.word}", "plain"]);
  const [baseline, fault] = record.phases;
  for (const phase of [baseline, fault]) {
    for (const { scheduled, outcomes } of phase?.requests ?? []) {
      expect(sum(scheduled)).toBeGreaterThan(10);
      expect(sum(outcomes.ok)).toBe(sum(scheduled));
    }
  }
  const fastest = (phase: PhaseRecord | undefined) =>
    Math.min(...(phase?.all.latencyMs.p50 ?? []).flatMap((ms) => ms ?? []));
  expect(fastest(fault)).toBeGreaterThanOrEqual(50);
  expect(fastest(baseline)).toBeLessThan(50);
  const numbered = server.texts.filter((text) => /^n\d+-(yes|no)$/.test(text));
  expect(new Set(numbered).size).toBe(numbered.length);
  expect(numbered.length + server.texts.filter((text) => text === "hello").length).toBe(server.texts.length);
  const ok = record.phases
    .flatMap(({ all }) => sum(all.outcomes.ok))
    .reduce((total, count) => total + count, 0);
  // Between phases they are not judged.
  expect(server.texts.length).toBeGreaterThanOrEqual(ok);
});

const HTTP_TARGET = "  target: http://127.0.0.1:1\n  rate: 1/s\n";
const PING_TARGET = "  target: ping://127.0.0.1:1\n  rate: 1/s\n";

const REFUSED = [
  [
    `${HTTP_TARGET}  requests: [{ ping: hello }]`,
    "9:16",
    "a request with `ping` needs a target with ping://, and this one has http://",
  ],
  [
    `${PING_TARGET}  requests: [{ path: / }]`,
    "9:16",
    "a request with `path` needs a target with http:// or https://, and this one has ping://",
  ],
  [`${PING_TARGET}  requests: [{ ping: "a\\nb" }]`, "9:22", "a ping is one line"],
  [`${PING_TARGET}  requests: [{ ping: [1] }]`, "9:16", "load.requests[0].ping: expected a line of text"],
  [`${PING_TARGET}  requests: [{ ping: hello, path: / }]`, "9:16", "does not go with the keys beside it"],
  [`${PING_TARGET}  requests: [{ ping: hello, wieght: 2 }]`, "9:29", "did you mean `weight`?"],
  [`${PING_TARGET}  requests: [{ ping: "\${data.words.word}" }]`, "9:23", "no data feed `words`"],
  [`${PING_TARGET}  requests: [{ ping: a }, { ping: a }]`, "9:27", "`ping a` is the name of two requests"],
  [
    `${PING_TARGET}  journeys: [{ name: j, steps: [{ ping: a, capture: { x: answer } }, { ping: "\${capture.y}" }] }]`,
    "9:79",
    "no step before this one captures `y`",
  ],
  [
    `${PING_TARGET}  requests: [{ ping: a }]\n  headers: { a: b }`,
    "10:3",
    "`headers` means nothing to requests to ping://",
  ],
  [
    `${PING_TARGET}  requests: [{ ping: a }]\n  keepAlive: false`,
    "10:3",
    "`keepAlive` means nothing to requests to ping://",
  ],
  [
    `${PING_TARGET}  requests: [{ ping: a }]\n  tls: { verify: false }`,
    "10:3",
    "a ping:// target has no TLS",
  ],
  [PING_TARGET, "6:1", "nothing says what is sent to this target"],
  [
    "  target: pong://127.0.0.1:1\n  rate: 1/s",
    "7:11",
    "expected an http://, https://, ws://, wss:// or ping:// URL",
  ],
] as const;

test("what is wrong with requests of a new kind is said at its place", async () => {
  const folder = await temporaryFolder();
  const files = REFUSED.map((_, index) => `pings-${index}.yaml`);
  for (const [index, [load]] of REFUSED.entries()) {
    const text = pingScenario(load).replace(/^slos: .*$/m, "slos: [availability >= 90%]");
    await writeFile(join(folder, files[index] ?? ""), text);
  }
  const args = ["validate", "--format", "json", ...files];
  const { code, stdout } = await faultline(args, { bin: copy.bin, cwd: folder });
  expect(code).toBe(2);
  const checked: ReturnType<typeof checksJson> = JSON.parse(stdout);
  for (const [index, [, place, message]] of REFUSED.entries()) {
    const said = checked.files[index]?.diagnostics.map(
      (one) => `${one.line}:${one.column} ${one.severity} ${one.message}`,
    );
    expect(said).toContainEqual(expect.stringMatching(`^${place} error .*`));
    expect(said?.join("\n")).toContain(message);
  }
});

test("the reference has the keys of a new kind in a table of their own", async () => {
  const reference = join(folderOfCopy, "dist/scenario/generate/reference.js");
  const script = `console.log((await import(${JSON.stringify(reference)})).scenarioReference())`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
  const [, own = ""] = /### `load\.requests\[\] \(ping\)`\n([\s\S]*?)\n###/.exec(stdout) ?? [];
  expect(own).toContain("| `ping` | text | **required** | The line that is sent. | `hello` |");
  expect(own).not.toContain("`path`");
});
