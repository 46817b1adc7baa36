import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isListening, pickFreePort } from "../../src/run/local-port.js";

/** One way in which a run ends other than by its plan. */
export const ENDINGS = [
  "SIGINT",
  "SIGINT twice",
  "SIGTERM",
  "SIGKILL",
  "SIGKILL of the whole process group",
  "a toxic throws",
  "the embedded server's thread ends",
  "an error that nobody catches",
  "Toxiproxy is killed",
  "Toxiproxy hangs",
  "SIGINT on a real Toxiproxy",
  "SIGKILL on a real Toxiproxy",
  "a service is killed",
  "the report folder cannot be written",
  "the disk of the report is full",
  "the disk of the journal is full",
] as const;
export type Ending = (typeof ENDINGS)[number];

/** When it happens: so long after the run's start, or after the end of its first, second, … phase was printed. */
export interface Trial {
  readonly ending: Ending;
  readonly phasesBefore: number;
  readonly thenMs: number;
}

/** How long it may take from the run's start, or from the end of a phase, to the end of the next or of the run. */
export const STRETCHES_MS = [
  2_500, // start and baseline
  2_500, // fault
  1_200, // recovery
  300, // reports
] as const;

/** What is promised: nothing is left so long after the end has come. */
const PROMISED_MS = 3_000;
/** On top of that, for the machine: the tests run several trials at once on few cores. */
const GRACE_MS = 3_000;
/** Longest time for a run that nothing happens to, on a machine that does much else. */
const WHOLE_RUN_MS = 40_000;

const root = fileURLToPath(new URL("../../", import.meta.url));
const BIN = join(root, "bin", "faultline.js");
const FIXTURES = join(root, "test", "fixtures", "kill");

/** Small disks of their own, where this process may mount them. */
export const canMount = process.platform === "linux" && process.getuid?.() === 0 && mountProbe();

export function endingsHere(): readonly Ending[] {
  return ENDINGS.filter((ending) => canMount || !ending.startsWith("the disk"));
}

interface Surroundings {
  readonly folder: string;
  readonly state: string;
  readonly reports: string;
  readonly ports: readonly number[];
  readonly external: ExternalServer | null;
  readonly disks: string[];
}

interface ExternalServer {
  readonly url: string;
  readonly process: ChildProcess;
  readonly theirsBefore: unknown;
}

export interface TrialResult {
  /** false: the run had ended before, or there was nothing yet for it to happen to. */
  readonly happened: boolean;
  readonly exit: Exit;
  /** From when it happened to the end of the run, and until nothing of it was left. */
  readonly exitMs: number;
  readonly cleanMs: number;
  /** Everything that was wrong afterwards; empty when all promises were kept. */
  readonly problems: readonly string[];
}

export async function runTrial(trial: Trial): Promise<TrialResult> {
  const { ending, phasesBefore, thenMs } = trial;
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "faultline-kill-"));
  const here: Surroundings = {
    folder,
    state: join(folder, "state"),
    reports: join(folder, "reports"),
    ports: await Promise.all([pickFreePort(), pickFreePort(), pickFreePort()]),
    external: ending.includes("Toxiproxy") ? await startToxiproxy() : null,
    disks: [],
  };
  try {
    const run = startRun(here, ending);
    let stderr = "";
    const phasesSeen = () => stderr.match(/^(baseline|fault|recovery).* requests, /gm)?.length ?? 0;
    run.stderr?.on("data", (text) => {
      stderr += text;
    });
    let ended = false;
    const exited = (once(run, "exit") as Promise<[number | null, NodeJS.Signals | null]>).then((exit) => {
      ended = true;
      return exit;
    });
    while (!ended && phasesSeen() < phasesBefore) await pause(5);
    await Promise.race([exited, pause(thenMs)]);
    const happenedAt = performance.now();
    const happened = !ended && happen(ending, run, here);
    const [code, signal] = await Promise.race([
      exited,
      pause(WHOLE_RUN_MS, [null, null] as const, { ref: false }),
    ]);
    const endedAt = performance.now();
    const problems = [
      ...exitProblems(trial, happened, signal ?? code, here),
      ...(await leftovers(ending, here, happened ? happenedAt : endedAt)),
    ];
    return {
      happened,
      exit: signal ?? code,
      exitMs: Math.round(endedAt - happenedAt),
      cleanMs: Math.round(performance.now() - happenedAt),
      problems: problems.length === 0 ? [] : [...problems, `its stderr: ${stderr.slice(-1_500)}`],
    };
  } finally {
    cleanUp(here);
  }
}

/** What the preloaded file breaks. */
const BREAKS: Partial<Record<Ending, string>> = {
  "a toxic throws": "toxic",
  "the embedded server's thread ends": "thread",
  "an error that nobody catches": "main",
};

function startRun(here: Surroundings, ending: Ending): ChildProcess {
  const [servicePort, childPort, proxyPort] = here.ports;
  const run = `${process.execPath} ${join(FIXTURES, "dependency.mjs")}`;
  writeFileSync(
    join(here.folder, "scenario.yaml"),
    `faultline: 1
name: kill test
evidence: observed
services:
  dependency:
    run: ${JSON.stringify(run)}
    env: { PORT: "${servicePort}", CHILD_PORT: "${childPort}" }
    ready: http://127.0.0.1:${servicePort}/
    stopGrace: 300ms
proxies:
  dependency: { listen: "127.0.0.1:${proxyPort}", upstream: "127.0.0.1:${servicePort}" }
load:
  target: http://127.0.0.1:${proxyPort}
  rate: 40/s
  timeout: 1500ms
  # A toxic is made for each connection.
  keepAlive: false
  requests: [{ name: look, path: / }]
phases: { warmup: 0s, baseline: 1s, fault: 2s, recovery: 1s }
slos: [availability >= 5%]
faults:
  - name: slow, then worse
    proxy: dependency
    stages:
      - { at: 0s, latency: 100ms }
      - { at: 700ms, latency: 150ms, bandwidth: 10KB/s }
      - { at: 1400ms, latency: 150ms, partition: upstream }
`,
  );
  mkdirSync(here.state, { recursive: true });
  let out = join(here.reports, "run");
  // As root no folder is read-only; one below a file cannot be made by anybody.
  if (ending === "the report folder cannot be written") {
    writeFileSync(here.reports, "");
  } else {
    mkdirSync(here.reports);
  }
  if (ending === "the disk of the report is full") mountFullDisk(here, here.reports);
  if (ending === "the disk of the journal is full") mountFullDisk(here, here.state);
  if (ending === "the report folder cannot be written") out = join(here.reports, "below", "a", "file");
  const breaks = BREAKS[ending];
  return spawn(
    process.execPath,
    [
      BIN,
      "run",
      join(here.folder, "scenario.yaml"),
      "--out",
      out,
      ...(here.external ? ["--toxiproxy", here.external.url] : []),
    ],
    {
      cwd: here.folder,
      detached: true,
      env: {
        ...process.env,
        FAULTLINE_STATE_DIR: here.state,
        ...(breaks && {
          NODE_OPTIONS: `--import=${join(FIXTURES, "break-the-run.mjs")}`,
          BREAK: breaks,
          BREAK_WHEN: breakFile(here),
          BREAK_DIST: join(root, "dist"),
        }),
      },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
}

/** Makes it happen; false when there was nothing for it to happen to. */
function happen(ending: Ending, child: ChildProcess, here: Surroundings): boolean {
  switch (ending) {
    case "SIGINT":
    case "SIGTERM":
    case "SIGKILL":
      return child.kill(ending);
    case "SIGINT on a real Toxiproxy":
      return child.kill("SIGINT");
    case "SIGKILL on a real Toxiproxy":
      return child.kill("SIGKILL");
    case "SIGINT twice":
      setTimeout(() => child.kill("SIGINT"), 350);
      return child.kill("SIGINT");
    case "SIGKILL of the whole process group":
      return process.kill(-(child.pid ?? 0), "SIGKILL");
    case "Toxiproxy is killed":
      return here.external?.process.kill("SIGKILL") ?? false;
    case "Toxiproxy hangs":
      return here.external?.process.kill("SIGSTOP") ?? false;
    case "a service is killed": {
      const pid = processesOf(here).find(({ command }) => command.includes("dependency.mjs"))?.pid;
      return pid !== undefined && process.kill(pid, "SIGKILL");
    }
    case "a toxic throws":
    case "the embedded server's thread ends":
    case "an error that nobody catches":
      writeFileSync(breakFile(here), "");
      return true;
    case "the report folder cannot be written":
    case "the disk of the report is full":
    case "the disk of the journal is full":
      // It was so from the start.
      return true;
  }
}

/** The preloaded breaker acts when it appears. */
function breakFile({ folder }: Surroundings): string {
  return join(folder, "break");
}

const HOLDS_FROM_THE_START: ReadonlySet<Ending> = new Set([
  "the report folder cannot be written",
  "the disk of the report is full",
  "the disk of the journal is full",
]);

type Exit = number | NodeJS.Signals | null;

/** A verdict of any kind: these runs are too short to say which. */
const ANY_VERDICT: readonly Exit[] = [0, 1, 3, 4];

/** Exit codes as documented. A run that had not begun, or had ended, before it happened may say what it found. */
function allowedExits(
  { ending, phasesBefore }: Trial,
  happened: boolean,
  here: Surroundings,
): readonly Exit[] {
  if (!happened && !HOLDS_FROM_THE_START.has(ending)) return ANY_VERDICT;
  switch (ending) {
    case "the report folder cannot be written":
    case "the disk of the report is full":
    case "the disk of the journal is full":
      return [4];
    case "SIGINT":
    case "SIGTERM":
    case "SIGINT twice":
    case "SIGINT on a real Toxiproxy": {
      const own: NodeJS.Signals = ending === "SIGTERM" ? "SIGTERM" : "SIGINT";
      // Before the first file of its own, and after the last, the signal has its usual effect.
      if (hasReport(here) && ranToItsEnd(here)) return [...ANY_VERDICT, 130, own];
      return existsSync(join(here.state, "runs")) ? [130] : [130, own];
    }
    case "SIGKILL":
    case "SIGKILL on a real Toxiproxy":
    case "SIGKILL of the whole process group":
      return ["SIGKILL"];
    case "an error that nobody catches":
      return hasReport(here) ? [...ANY_VERDICT, 3] : [3];
    case "a toxic throws":
      // It is made for each connection while the fault is on.
      return environmentFailed(here, phasesBefore === 0);
    case "Toxiproxy hangs":
      return [...environmentFailed(here, phasesBefore === 0), 5];
    case "the embedded server's thread ends":
    case "Toxiproxy is killed":
    case "a service is killed":
      return environmentFailed(here, phasesBefore === 0);
    default:
      return ending satisfies never;
  }
}

/** `early`: so much of the run was still to come that it must have noticed. */
function environmentFailed(here: Surroundings, early: boolean): readonly Exit[] {
  const noticed = !hasReport(here) || !ranToItsEnd(here);
  return noticed || early ? [4] : ANY_VERDICT;
}

function hasReport(here: Surroundings): boolean {
  return existsSync(join(here.reports, "run", "report.json"));
}

/** As planned; also when the baseline was not healthy, after which there is nothing left to happen to. */
function ranToItsEnd(here: Surroundings): boolean {
  const record = JSON.parse(readFileSync(join(here.reports, "run", "record.json"), "utf8"));
  return record.ending.kind === "completed";
}

/** On a machine that is too busy for the load a run ends after its baseline. */
function baselineWasUnhealthy(here: Surroundings): boolean {
  const path = join(here.reports, "run", "record.json");
  return existsSync(path) && readFileSync(path, "utf8").includes("baseline is not healthy");
}

function exitProblems(trial: Trial, happened: boolean, exit: Exit, here: Surroundings): readonly string[] {
  if (exit === null) return [`it did not end within ${WHOLE_RUN_MS / 1000} s`];
  const allowed =
    happened && baselineWasUnhealthy(here) ? [...ANY_VERDICT, 5] : allowedExits(trial, happened, here);
  return allowed.includes(exit) ? [] : [`it ended with ${exit}; documented: ${allowed.join(", ")}`];
}

/** What is still there when the promised time is over. */
async function leftovers(ending: Ending, here: Surroundings, sinceMs: number): Promise<readonly string[]> {
  let deadline = sinceMs + PROMISED_MS + GRACE_MS;
  if (ending === "Toxiproxy hangs") {
    // What it holds can be undone only when it answers again; that is what the exit code and `heal` are for.
    await pause(PROMISED_MS);
    here.external?.process.kill("SIGCONT");
    const healed = spawnSync(process.execPath, [BIN, "heal"], {
      env: { ...process.env, FAULTLINE_STATE_DIR: here.state },
      encoding: "utf8",
    });
    deadline = performance.now() + PROMISED_MS;
    if (healed.status !== 0) return [`heal exited with ${healed.status}: ${healed.stdout}${healed.stderr}`];
  }
  let problems = await look(here);
  while (problems.length > 0 && performance.now() < deadline) {
    await pause(50);
    problems = await look(here);
  }
  return problems;
}

async function look(here: Surroundings): Promise<string[]> {
  const problems = processesOf(here).map(({ pid, command }) => `process ${pid} is left: ${command}`);
  for (const port of here.ports) {
    if (await isListening("127.0.0.1", port)) problems.push(`port ${port} is still open`);
  }
  const runs = join(here.state, "runs");
  const state = [
    ...(existsSync(runs) ? readdirSync(runs) : []),
    ...(existsSync(here.state) ? readdirSync(here.state) : []),
  ];
  const foreign = state.filter((name) => name !== "runs" && name !== "ballast");
  if (foreign.length > 0) problems.push(`left in the state folder: ${foreign.join(", ")}`);
  problems.push(...reportProblems(here), ...(await serverProblems(here)));
  return problems;
}

/** Every report file is whole, or not there. */
function reportProblems({ reports }: Surroundings): readonly string[] {
  if (!existsSync(join(reports, "run"))) return [];
  return readdirSync(join(reports, "run")).flatMap((name) => {
    const text = readFileSync(join(reports, "run", name), "utf8");
    if (name.startsWith(".")) return [`unfinished file ${name}`];
    const whole = name.endsWith(".json") ? isJson(text) : /<\/(html|testsuites?)>\s*$|^#/.test(text);
    return whole ? [] : [`${name} is not whole`];
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A real server that still lives has exactly what it had before. */
async function serverProblems({ external }: Surroundings): Promise<readonly string[]> {
  if (!external || external.process.exitCode !== null || external.process.signalCode !== null) return [];
  const now = await proxiesOf(external.url);
  return JSON.stringify(now) === JSON.stringify(external.theirsBefore)
    ? []
    : [`Toxiproxy has ${JSON.stringify(now)} instead of ${JSON.stringify(external.theirsBefore)}`];
}

/** All that was started, by whom ever, for this trial: they inherited its state folder. */
function processesOf({ folder }: Surroundings): { readonly pid: number; readonly command: string }[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, "latin1").includes(`FAULTLINE_STATE_DIR=${folder}/`))
          return [];
        const command = readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
        // A zombie has no command line.
        return command === "" ? [] : [{ pid, command }];
      } catch {
        return [];
      }
    });
}

/** A server with Toxiproxy's API in a process of its own: TOXIPROXY_SERVER, or the one that comes with faultline. */
async function startToxiproxy(): Promise<ExternalServer> {
  const port = await pickFreePort();
  const program = process.env.TOXIPROXY_SERVER;
  const server = program
    ? spawn(program, ["-port", String(port)], { stdio: "ignore" })
    : spawn(process.execPath, [BIN, "proxy", "--port", String(port)], { stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; !(await isListening("127.0.0.1", port)); tries += 1) {
    if (tries > 400) throw new Error("Toxiproxy did not start");
    await pause(25);
  }
  // Somebody else's, which every trial has to leave alone.
  const theirs = { name: "theirs", listen: "127.0.0.1:0", upstream: "127.0.0.1:9" };
  await fetch(`${url}/proxies`, { method: "POST", body: JSON.stringify(theirs) });
  const toxic = { name: "theirs", type: "latency", attributes: { latency: 5 } };
  await fetch(`${url}/proxies/theirs/toxics`, { method: "POST", body: JSON.stringify(toxic) });
  return { url, process: server, theirsBefore: await proxiesOf(url) };
}

async function proxiesOf(url: string): Promise<unknown> {
  return fetch(`${url}/proxies`, { signal: AbortSignal.timeout(2_000) }).then(
    (answer) => answer.json(),
    (error) => `no answer: ${error}`,
  );
}

/** A disk with room for the folder itself and a few kilobytes. */
function mountFullDisk(here: Surroundings, at: string): void {
  mount(["-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", at]);
  here.disks.push(at);
  // 64 KiB are 16 pages; one is left.
  writeFileSync(join(at, "ballast"), Buffer.alloc(15 * 4096));
}

function mount(args: readonly string[]): boolean {
  return spawnSync("mount", args, { stdio: "ignore" }).status === 0;
}

function mountProbe(): boolean {
  const at = mkdtempSync(join(tmpdir(), "faultline-mount-"));
  const can = mount(["-t", "tmpfs", "-o", "size=64k", "tmpfs", at]);
  if (can) spawnSync("umount", [at]);
  rmSync(at, { recursive: true });
  return can;
}

function cleanUp(here: Surroundings): void {
  here.external?.process.kill("SIGKILL");
  for (const { pid } of processesOf(here)) process.kill(pid, "SIGKILL");
  for (const disk of here.disks) spawnSync("umount", [disk]);
  rmSync(here.folder, { recursive: true, force: true });
}
