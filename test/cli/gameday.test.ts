import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, vi } from "vitest";
import { conductFromCommandLine } from "../../src/cli/gameday/run-game-day.js";
import { gameDayReportSchema } from "../../src/gameday/report/game-day-report.js";
import { testAtOnce as test } from "../helpers/at-once.js";
import { dayReport } from "../helpers/days.js";
import { faultline, startFaultline, temporaryFolder } from "../helpers/faultline.js";
import { writeShopScenario } from "../helpers/scenarios.js";
import { testIo } from "../helpers/test-io.js";
import { loadTestText, type WatchedService, watchedService } from "../helpers/watched-service.js";

/** A folder with a game day of two short load tests, `/a` and `/b`, and more lines of its own. */
async function dayFolder(service: WatchedService, ...lines: readonly string[]): Promise<string> {
  const folder = await temporaryFolder();
  for (const name of ["a", "b"]) {
    await writeFile(join(folder, `${name}.yaml`), loadTestText(service, name, `/${name}`));
  }
  const day = ["gameday: 1", "name: Checkout Friday", "scenarios: [a.yaml, b.yaml]", ...lines];
  await writeFile(join(folder, "day.yaml"), `${day.join("\n")}\n`);
  return folder;
}

async function runDay(folder: string, ...args: readonly string[]) {
  const env = { FAULTLINE_STATE_DIR: join(folder, "state") };
  const { code, stdout, stderr } = await faultline(["gameday", "day.yaml", ...args], { cwd: folder, env });
  const entries = await readdir(join(folder, "reports")).catch(() => []);
  const name = entries.find((entry) => entry !== "history.jsonl") ?? "";
  const text = name && (await readFile(join(folder, "reports", name, "day.json"), "utf8"));
  const report = text ? gameDayReportSchema.parse(JSON.parse(text)) : null;
  return { code, stdout, stderr, report, name };
}

test("a game day runs its scenarios in order, and its exercise id is in each request and in the name of its folder", async () => {
  const service = await watchedService();
  // A mark that reorders text: day.json holds it, escaped.
  const folder = await dayFolder(service, 'expect: [{ b.yaml: { hypothesis: "it holds\\u202e" } }]');
  const { code, stdout, stderr, report, name } = await runDay(folder);
  expect(code, stderr).toBe(0);
  expect(await readFile(join(folder, "reports", name, "day.json"), "utf8")).toContain("it holds\\u202e");
  expect(report).toMatchObject({ verdict: "pass", exitCode: 0, name: "Checkout Friday", exerciseId: name });
  expect(report?.scenarios.map(({ verdict, expected }) => ({ verdict, expected }))).toEqual([
    { verdict: "pass", expected: null },
    { verdict: "pass", expected: { hypothesis: "it holds\u202e" } },
  ]);
  const paths = service.requests.map(({ path }) => path).filter((path) => path !== "/");
  expect(paths.lastIndexOf("/a")).toBeLessThan(paths.indexOf("/b"));
  const ids = service.requests
    .filter(({ path }) => path !== "/")
    .map(({ headers }) => headers["x-exercise-id"]);
  expect(new Set(ids)).toEqual(new Set([name]));
  expect(stderr).toContain(`exercise ${name}`);
  expect(stdout).toContain("Checkout Friday: pass (exit 0)\n2 scenarios passed.\n");
  const ledger = await readFile(join(folder, "reports", "history.jsonl"), "utf8");
  expect(ledger.trimEnd().split("\n")).toHaveLength(2);
  expect(stdout).toContain(`Debrief: reports/${name}/debrief.html\n`);
  const page = await readFile(join(folder, "reports", name, "debrief.html"), "utf8");
  expect(page).toContain("it holds");
  expect(await readdir(join(folder, "reports", name))).toContain("debrief.md");
  for (const { folder: own } of report?.scenarios ?? []) {
    expect(page).toContain(`href="${own}/report.html"`);
    expect(await readdir(join(folder, "reports", name, own ?? ""))).toContain("report.html");
  }
});

test("a fault's times stand in day.json, and in a debrief that is made again; the next day is held against it", async () => {
  const folder = await temporaryFolder();
  await writeShopScenario(folder);
  const roles = 'roles: { owner: "@payments", observers: "#payments" }';
  const expected = 'expect: [{ scenario.yaml: { hypothesis: "${env.HOPE}" } }]';
  const lines = ["gameday: 1", "name: Shop", "scenarios: [scenario.yaml]", roles, expected];
  await writeFile(join(folder, "day.yaml"), `${lines.join("\n")}\n`);
  const options = {
    cwd: folder,
    env: { FAULTLINE_STATE_DIR: join(folder, "state"), HOPE: "s3cret-hope" },
    timeoutMs: 120_000,
  };
  await faultline(["gameday", "day.yaml", "--out", "reports/first"], options);
  const text = await readFile(join(folder, "reports/first/day.json"), "utf8");
  const { startedAt, durationS, roles: asked, scenarios } = gameDayReportSchema.parse(JSON.parse(text));
  expect(asked).toEqual({ owner: "@payments", observers: "#payments" });
  const [fault] = scenarios[0]?.faults ?? [];
  expect(fault).toMatchObject({ of: fault?.name, injectedAt: expect.any(String) });
  const [began, injected, removed] = [startedAt, fault?.injectedAt, fault?.removedAt].map((at) =>
    Date.parse(at ?? ""),
  ) as [number, number, number]; // three were given
  expect(injected - began).toBeGreaterThanOrEqual(3_000);
  expect(removed - injected).toBeGreaterThanOrEqual(1_000);
  expect(removed - began).toBeLessThan(durationS * 1_000);

  const again = await faultline(["report", "reports/first", "--out", "reports/again"], options);
  expect(again).toMatchObject({ code: 0, stdout: "" });
  expect(again.stderr).toContain("wrote reports/again/debrief.html\n");
  const page = await readFile(join(folder, "reports/again/debrief.html"), "utf8");
  expect(page).toContain(`href="../first/${scenarios[0]?.folder}/report.html"`);
  expect(text + page).not.toContain("s3cret-hope");
  const refused = await faultline(["report", "reports/first", "--slo", "p99 < 1ms"], options);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain(
    "is a game day's: --slo, --trace, --fail-on and --reporter are for one run",
  );

  const past = gameDayReportSchema.parse(JSON.parse(text.replaceAll(/2\d{3}-\d\d-\d\dT/g, "2026-01-02T")));
  const scenariosThen = past.scenarios.map((scenario) => ({ ...scenario, verdict: "aborted" }));
  await writeFile(
    join(folder, "reports/first/day.json"),
    JSON.stringify({ ...past, scenarios: scenariosThen }),
  );
  await faultline(["gameday", "day.yaml"], options);
  const [next = ""] = (await readdir(join(folder, "reports"))).filter((name) => name.includes("-shop-"));
  const later = await readFile(join(folder, "reports", next, "debrief.md"), "utf8");
  expect(later).toMatch(/\[2026-01-02 \d\d:\d\d UTC\]\(<\.\.\/first\/debrief\.html>\)/);
  expect(later).toMatch(/\*\*scenario\.yaml\*\*: \w+; it was aborted on 2026-01-02 /);
});

test("an exempt fault that fails does not make the day fail, and what follows is run; roles are told; old days go", async () => {
  const service = await watchedService();
  const hook = await watchedService();
  const folder = await dayFolder(
    service,
    'roles: { owner: "@payments", coordinator: "@sre" }',
    "exempt: [{ scenario: a.yaml, fault: cut off, reason: no fallback yet, owner: bob, expires: 2099-12-31 }]",
    `notify: [{ webhook: "${hook.url}", on: [start, failure, all-clear] }]`,
    "keep: 1 month",
  );
  const slow = loadTestText(service, "a", "/a", 2)
    .replace("timeout: 2s", "timeout: 500ms")
    .replace(`target: ${service.url}`, "target: http://${proxies.shop.listen}")
    .replace("load:", `proxies: { shop: { upstream: "127.0.0.1:${service.port}" } }\nload:`)
    .replace("baseline: 2s", "baseline: 2s, fault: 4s, recovery: 1s");
  await writeFile(
    join(folder, "a.yaml"),
    `${slow}faults: [{ name: cut off, proxy: shop, partition: both }]\n`,
  );
  const id = "20200101-100000-checkout-friday-0b2c";
  const old = join(folder, "reports", id);
  await mkdir(old, { recursive: true });
  const past = dayReport({ exerciseId: id, startedAt: "2020-01-01T10:00:00.000Z" });
  await writeFile(join(old, "day.json"), JSON.stringify(past));
  const { code, report, stderr, stdout, name } = await runDay(folder);
  const [a, b] = report?.scenarios ?? [];
  expect(await readdir(join(folder, "reports"))).not.toContain(id);
  expect(stderr).toContain("removed the reports of 1 earlier day, older than 1 month\n");
  const page = await readFile(join(folder, "reports", name, "debrief.md"), "utf8");
  expect(page).toContain("There is no earlier day of this name here.");
  expect(a?.faults?.[0]?.exempt).toEqual({
    reason: "no fallback yet",
    owner: "bob",
    expires: "2099-12-31",
  });
  // A busy machine may leave it open, and what is not decided is not excused.
  if (a?.verdict === "inconclusive") return expect(code).toBe(3);
  expect(a, stderr).toMatchObject({ verdict: "fail", exitCode: 1, countsAs: 0 });
  expect(b?.verdict).toBe("pass");
  expect({ code, verdict: report?.verdict }).toEqual({ code: 0, verdict: "pass" });
  expect(stdout).toMatch(/ {2}fail +exempt +a\.yaml/);
  expect(stderr).toContain("Owner @payments, coordinator @sre.\n");
  const announced = '"cut off" of a.yaml until 2099-12-31 (no fallback yet, bob).';
  expect(stderr).toContain(`Exempt: ${announced}\n`);
  expect(JSON.parse(hook.bodies[0] ?? "{}").text).toContain(announced);
  expect(report?.notices.map(({ event }) => event)).toEqual(["start", "all-clear"]);
  expect(hook.bodies.map((body) => JSON.parse(body).roles)).toEqual([
    { owner: "@payments", coordinator: "@sre" },
    { owner: "@payments", coordinator: "@sre" },
  ]);
  expect(hook.bodies.join()).toContain("but for exempt faults of a.yaml");
  expect(page).toContain("exempt until 2099-12-31: no fallback yet, bob");
});

test("open action items are told; a mended one is run again and closed, a broken one opened, in the team's file alone", async () => {
  const service = await watchedService();
  const hook = await watchedService();
  service.answer("/b", 500);
  const folder = await dayFolder(
    service,
    "onFailure: continue",
    `notify: [{ webhook: "${hook.url}", on: [start] }]`,
  );
  await writeFile(join(folder, "c.yaml"), loadTestText(service, "c", "/c"));
  const items = `# Ours.
actions: 1
items:
  - { id: late, what: Write a runbook, due: 2026-01-02, owner: bob }
  - id: c
    what: Make c quick   # it is
    status: mended
    scenario: c.yaml
  - { id: b, what: Mend b, status: mended, scenario: ./b.yaml }
`;
  await writeFile(join(folder, "actions.yaml"), items, { mode: 0o640 });
  const { report, stderr, stdout, name } = await runDay(folder);
  expect(report?.scenarios.map(({ file }) => file)).toEqual(["a.yaml", "b.yaml", "c.yaml"]);
  expect(stderr).toContain(
    "3 action items are not closed, 1 overdue:\n  Write a runbook (overdue since 2026-01-02, bob)",
  );
  expect(hook.bodies.join()).toContain("3 action items are not closed, 1 overdue: Write a runbook;");
  const decided = items
    .replace("mended\n", `closed\n    decidedBy: ${name}\n`)
    .replace("status: mended,", `status: open, decidedBy: ${name},`);
  const left = await readFile(join(folder, "actions.yaml"), "utf8");
  expect(left).toContain(`status: open, decidedBy: ${name},`);
  expect((await stat(join(folder, "actions.yaml"))).mode & 0o777).toBe(0o640);
  // A busy machine may leave c open, and then it stays mended.
  if (report?.scenarios[2]?.verdict === "pass") {
    expect(left).toBe(decided);
    expect(stdout).toContain("c: it holds: closed (Make c quick)");
  }
  expect(stdout).toContain("b: it broke again: open (Mend b)");
  const page = await readFile(join(folder, "reports", name, "debrief.md"), "utf8");
  expect(page).toContain("**Overdue since 2026-01-02**: Write a runbook");
  expect(await readdir(join(folder, "reports", name))).not.toContain("actions.proposed.yaml");
});

test("conditions that do not hold postpone it: exit code 3, nothing is run, all reasons are told", async () => {
  const service = await watchedService();
  service.answer("/alerts", 200, '[{"status":"firing"}]');
  const folder = await dayFolder(
    service,
    "preflight:",
    `  - { name: no incident open, http: "${service.url}/alerts", expect: { json: { $.length: 0 } } }`,
    `  - { name: up, http: "${service.url}/health" }`,
    `  - { name: no deploy, run: "node -e 'console.log(7 + 1); process.exit(4)'" }`,
  );
  const { code, stdout, stderr, report } = await runDay(folder, "--json");
  expect(code).toBe(3);
  expect(report).toMatchObject({ verdict: "postponed", exitCode: 3 });
  expect(report?.preflight.map(({ name, holds, reason }) => ({ name, holds, reason }))).toEqual([
    { name: "no incident open", holds: false, reason: "json $.length: expected 0, found 1" },
    { name: "up", holds: true, reason: null },
    { name: "no deploy", holds: false, reason: "the command exited with code 4: 8" },
  ]);
  expect(JSON.parse(stdout)).toEqual(report);
  expect(stderr).toContain("does not hold: no incident open (json $.length: expected 0, found 1)");
  expect(service.requests.some(({ path }) => path === "/a")).toBe(false);
});

test("conditions that hold let it begin; a header that a scenario sets itself stays", async () => {
  const service = await watchedService();
  service.answer("/alerts", 200, "[]");
  const folder = await dayFolder(
    service,
    "onFailure: continue",
    "preflight:",
    `  - { name: no incident open, http: "${service.url}/alerts", expect: { json: { $.length: 0 } } }`,
    `  - { name: no deploy, run: ./deploying.sh }`,
  );
  const script = `#!/bin/sh\ntest -n "$FAULTLINE_EXERCISE_ID"\n`;
  await writeFile(join(folder, "deploying.sh"), script, { mode: 0o755 });
  const text = loadTestText(service, "a", "/a").replace(
    "  rate:",
    "  headers: { x-exercise-id: mine }\n  rate:",
  );
  await writeFile(join(folder, "a.yaml"), text);
  const { code, stderr } = await runDay(folder);
  expect(code, stderr).toBe(0);
  const idOf = (path: string) => service.requests.find((one) => one.path === path)?.headers["x-exercise-id"];
  expect(idOf("/a")).toBe("mine");
  expect(idOf("/b")).toMatch(/checkout-friday/);
});

for (const [onFailure, codes, reason] of [
  ["stop", [1, null], "1 of 2 scenarios did not pass: a.yaml (fail), 1 not run."],
  ["continue", [1, 0], "1 of 2 scenarios did not pass: a.yaml (fail)."],
] as const) {
  test(`onFailure: ${onFailure}`, async () => {
    const service = await watchedService();
    service.answer("/a", 500);
    const hook = await watchedService();
    const { code, report, stderr, stdout } = await runDay(
      await dayFolder(
        service,
        `onFailure: ${onFailure}`,
        `notify: [{ webhook: "${hook.url}/s3cret-path", on: [start, failure, postponed, all-clear] }]`,
      ),
    );
    expect(report?.notices.map(({ event, delivered }) => [event, delivered])).toEqual([
      ["start", true],
      ["failure", true],
      ["all-clear", true],
    ]);
    expect(hook.requests).toHaveLength(3);
    expect(stdout + stderr + JSON.stringify(report)).not.toContain("s3cret-path");
    expect(
      report?.scenarios.map(({ exitCode }) => exitCode),
      stderr,
    ).toEqual(codes);
    expect(report).toMatchObject({ verdict: "fail", exitCode: 1, reason });
    expect(code).toBe(1);
  });
}

test("a scenario that cannot begin is an error of the day, with the reason", async () => {
  const service = await watchedService();
  const folder = await dayFolder(service, "onFailure: continue");
  await writeFile(join(folder, "a.yaml"), loadTestText({ ...service, url: "http://127.0.0.1:1" }, "a"));
  const { code, report, stderr } = await runDay(folder);
  expect(code).toBe(4);
  expect(report).toMatchObject({ verdict: "error", exitCode: 4 });
  expect(report?.scenarios[0]).toMatchObject({ verdict: null, exitCode: 4, folder: null });
  expect(report?.scenarios[0]?.reason).toContain("load.target http://127.0.0.1:1 cannot be reached");
  expect(report?.scenarios[1]).toMatchObject({ verdict: "pass" });
  expect(stderr).toContain("a.yaml:5");
});

test("a game day is run once at a time; an interrupt ends its scenario, the rest is not run, and day.json is written", async () => {
  const service = await watchedService();
  const folder = await dayFolder(service);
  await writeFile(join(folder, "a.yaml"), loadTestText(service, "a", "/a", 60));
  const day = startFaultline(["gameday", "day.yaml", "--out", "out"], {
    cwd: folder,
    env: { FAULTLINE_STATE_DIR: join(folder, "state") },
  });
  while (!service.requests.some(({ path }) => path === "/a")) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const second = await runDay(folder);
  expect(second.code).toBe(4);
  expect(second.stderr).toContain('the game day "Checkout Friday" is in the hands of process');
  expect(second.report).toBeNull();
  day.child.kill("SIGINT");
  const { code, stderr } = await day.finished;
  expect(code, stderr).toBe(130);
  const text = await readFile(join(folder, "out", "day.json"), "utf8");
  const report = gameDayReportSchema.parse(JSON.parse(text));
  expect(report).toMatchObject({ verdict: "interrupted", exitCode: 130 });
  expect(report.scenarios.map(({ exitCode }) => exitCode)).toEqual([130, null]);
});

for (const [what, line, message] of [
  [
    "a condition that asks another machine",
    'preflight: [{ name: x, http: "http://alerts.example/" }]',
    "day.yaml:4:30: alerts.example is not this machine",
  ],
  [
    "a command that needs a shell",
    'preflight: [{ name: x, run: "a | b" }]',
    "day.yaml:4:29: `|` works in a shell only",
  ],
  [
    "a command of a notice that needs a shell",
    'notify: [{ command: "a > b", on: [start] }]',
    "day.yaml:4:21: `>` works in a shell only",
  ],
] as const) {
  test(`${what} is refused before anything is started`, async () => {
    const service = await watchedService();
    const { code, stderr } = await runDay(await dayFolder(service, line));
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(service.requests).toEqual([]);
  });
}

test("--untrusted is refused", async () => {
  const service = await watchedService();
  const { code, stderr } = await runDay(await dayFolder(service), "--untrusted");
  expect(code).toBe(2);
  expect(stderr).toContain("its author must be trusted");
});

async function untilAsked(service: WatchedService, path: string): Promise<void> {
  await vi.waitUntil(() => service.requests.some((one) => one.path === path), { timeout: 40_000 });
}

test("note and halt reach the day and the run that goes on; nothing begins until the halt is lifted", async () => {
  const service = await watchedService();
  const folder = await dayFolder(service, "onFailure: continue");
  await writeFile(join(folder, "a.yaml"), loadTestText(service, "a", "/a", 60));
  const options = { cwd: folder, env: { FAULTLINE_STATE_DIR: join(folder, "state") } };
  const day = startFaultline(["gameday", "day.yaml", "--out", "out"], options);
  await untilAsked(service, "/a");
  const noted = await faultline(["note", "--by", "alice", "queue", "grows"], options);
  expect(noted).toMatchObject({ code: 0, stdout: 'noted in the game day "Checkout Friday"\n' });
  const halted = await faultline(["halt", "--by", "bob", "--reason", "too loud"], options);
  expect(halted.stdout).toContain("halted by bob: too loud\n");
  const { code, stderr } = await day.finished;
  expect(code, stderr).toBe(130);
  const report = gameDayReportSchema.parse(
    JSON.parse(await readFile(join(folder, "out", "day.json"), "utf8")),
  );
  expect(report).toMatchObject({
    verdict: "interrupted",
    halt: { by: "bob", reason: "too loud" },
    notes: [{ by: "alice", text: "queue grows" }],
    reason: expect.stringContaining("It was halted by bob: too loud"),
  });
  expect(report.scenarios.map(({ exitCode }) => exitCode)).toEqual([130, null]);
  const of = join(folder, "out", report.scenarios[0]?.folder ?? "", "report.json");
  const { events, reason } = JSON.parse(await readFile(of, "utf8"));
  expect(reason).toContain("halted by bob: too loud");
  expect(events).toContainEqual(expect.objectContaining({ kind: "note", text: "alice: queue grows" }));
  expect(events).toContainEqual(expect.objectContaining({ kind: "abort", text: "halted by bob: too loud" }));

  for (const command of [
    ["run", "b.yaml"],
    ["gameday", "day.yaml"],
    ["schedule", "--now", "day.yaml"],
  ]) {
    const refused = await faultline(command, options);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain("halted by bob: too loud");
  }
  expect(service.requests.some(({ path }) => path === "/b")).toBe(false);
  expect(await faultline(["note", "anyone?"], options)).toMatchObject({
    code: 4,
    stderr: expect.stringContaining("nobody listens: no run and no game day goes on"),
  });
  expect((await faultline(["halt", "--lift"], options)).stdout).toBe("lifted: halted by bob: too loud\n");
  expect((await faultline(["run", "b.yaml"], options)).code).toBe(0);
});

test("a stop file ends runs as a halt does, with what is in it as the reason", async () => {
  const service = await watchedService();
  const folder = await dayFolder(service);
  await writeFile(join(folder, "a.yaml"), loadTestText(service, "a", "/a", 60));
  const state = join(folder, "state");
  const run = startFaultline(["run", "a.yaml", "b.yaml"], {
    cwd: folder,
    env: { FAULTLINE_STATE_DIR: state },
  });
  await untilAsked(service, "/a");
  await writeFile(join(state, "halt"), "shop is down\n");
  const { code, stdout, stderr } = await run.finished;
  expect(code).toBe(130);
  expect(stdout).toContain("halted by a stop file: shop is down");
  expect(stderr).toContain("interrupted: 1 of 2 scenarios not run");
  expect(service.requests.map(({ path }) => path)).not.toContain("/b");
});

test("--interactive is refused where nobody can answer", async () => {
  const service = await watchedService();
  const { code, stderr } = await runDay(await dayFolder(service), "--interactive");
  expect(code).toBe(2);
  expect(stderr).toContain("stdin is no terminal");
});

test("--interactive waits after each scenario; what is typed is a note", async ({ expect }) => {
  const service = await watchedService();
  const folder = await dayFolder(service);
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const io = {
    ...testIo({ cwd: folder, env: { ...process.env, FAULTLINE_STATE_DIR: join(folder, "state") } }),
    stdin,
  };
  const done = conductFromCommandLine("day.yaml", { out: "out", interactive: true }, io);
  await expect.poll(() => io.err(), { timeout: 40_000 }).toContain("a.yaml is over. What did you see?");
  stdin.write("graphs went red\n");
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(service.requests.some(({ path }) => path === "/b")).toBe(false);
  stdin.write("\n");
  await expect.poll(() => io.err(), { timeout: 40_000 }).toContain("b.yaml is over.");
  stdin.end();
  expect(await done, io.err()).toBe(0);
  const report = gameDayReportSchema.parse(
    JSON.parse(await readFile(join(folder, "out", "day.json"), "utf8")),
  );
  expect(report.notes.map(({ text }) => text)).toEqual(["graphs went red"]);
});

/** Two faults that look alike from outside, each on a dependency of its own. */
function sealedScenario(service: WatchedService, name: string, dependency: string): string {
  const upstream = new URL(service.url).host;
  return `faultline: 1
name: ${name}
evidence: observed
proxies: { ${dependency}: { upstream: "${upstream}" } }
load:
  target: "http://\${proxies.${dependency}.listen}"
  rate: 20/s
phases: { warmup: 0s, baseline: 2s, fault: 6s, recovery: 2s }
faults: [{ name: slow ${dependency}, proxy: ${dependency}, latency: 20ms }]
slos: [p50 < 5s]
`;
}

test("a blind day tells nothing before it is over, proves its pick then, and holds what people found against it", async () => {
  const service = await watchedService();
  const folder = await dayFolder(service);
  await writeFile(join(folder, "a.yaml"), sealedScenario(service, "Slow queue", "queue"));
  await writeFile(join(folder, "b.yaml"), sealedScenario(service, "Slow store", "store"));
  const options = { cwd: folder, env: { FAULTLINE_STATE_DIR: join(folder, "state") } };
  const day = startFaultline(["gameday", "day.yaml", "--blind", "--out", "out"], options);
  await vi.waitUntil(() => service.requests.length > 50, { timeout: 40_000 });
  const wrong = await faultline(["found", "--by", "bob", "it is the weather"], options);
  const before = `${day.output()} ${wrong.stdout} ${(await readdir(join(folder, "out"))).join(" ")}`;
  await faultline(["found", "--by", "eve", "queue or store is slow"], options);
  await faultline(["mitigated", "--by", "eve"], options);
  expect(before).toContain("blind: one of 2 scenarios goes on, sealed as ");
  expect(before).not.toMatch(/queue|store|slow|latency|[ab]\.yaml/i);
  const { code, stdout, stderr } = await day.finished;
  expect(code, stderr).toBe(0);
  const report = gameDayReportSchema.parse(
    JSON.parse(await readFile(join(folder, "out", "day.json"), "utf8")),
  );
  const { seal, nonce = "", file = "", of } = report.blind ?? {};
  expect(of).toEqual(["a.yaml", "b.yaml"]);
  expect(before).toContain(seal);
  const text = await readFile(join(folder, file));
  expect(createHash("sha256").update(`${nonce}\n`).update(text).digest("hex")).toBe(seal);
  expect(stderr).toContain(`it was ${file}`);
  const [, command = ""] = /^ {2}(printf .*)$/m.exec(stderr) ?? [];
  expect(execFileSync("sh", ["-c", command], { cwd: folder, encoding: "utf8" })).toContain(seal);
  expect(report.scenarios).toMatchObject([{ file, folder: "sealed" }]);
  expect(report.notes.map(({ kind }) => kind)).toEqual(["found", "found", "mitigated"]);
  expect(report.scenarios[0]?.responses).toMatchObject([
    {
      targets: [file === "a.yaml" ? "queue" : "store"],
      detected: { by: "bob" },
      diagnosed: { by: "eve" },
      mitigated: { by: "eve" },
      theories: [{ isRight: false }, { isRight: true }],
    },
  ]);
  expect(stdout).toMatch(/What people did\n {2}slow (queue|store): noticed after \d+ s by bob, found after/);
});

test("--blind needs several scenarios, and no page that shows what is done", async () => {
  const service = await watchedService();
  const folder = await dayFolder(service);
  await writeFile(join(folder, "day.yaml"), "gameday: 1\nname: One\nscenarios: [a.yaml]\n");
  const one = await runDay(folder, "--blind");
  expect(one.code).toBe(2);
  expect(one.stderr).toContain("picks one of several scenarios");
  expect((await runDay(folder, "--blind", "--ui")).code).toBe(2);
});
