import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pickFreePort } from "../../../src/run/reach/local-port.js";
import { startChild } from "../children/start-child.mjs";
import { ENDINGS, type Ending, type Exit, FINDS_ITS_PROXY, TAKE_A_DISK, type Trial } from "./endings.js";
import { exitProblems } from "./exits.js";
import { CA_FILE, type FrontKind } from "./front.js";
import { leftovers } from "./leftovers.js";
import { listenersOf } from "./listeners.js";
import { serviceName } from "./service-name.js";
import { stopForAWhile } from "./stopped.js";
import {
  BIN,
  canMount,
  cleanUp,
  FIXTURES,
  fillSmallDisk,
  mountSmallDisk,
  processesOf,
  root,
  type Surroundings,
  startToxiproxy,
  temporaryFilesOf,
} from "./surroundings.js";

/** Longest time for a run that nothing happens to, on a machine that does much else: it may measure its fault twice. */
const WHOLE_RUN_MS = 90_000;

export function endingsHere(): readonly Ending[] {
  return ENDINGS.filter((ending) => canMount || !TAKE_A_DISK.has(ending));
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
  const ports = await Promise.all([pickFreePort(), pickFreePort(), pickFreePort(), pickFreePort()]);
  const [servicePort, , proxyPort] = ports;
  const proxy = {
    name: "dependency",
    listen: `127.0.0.1:${proxyPort}`,
    upstream: `127.0.0.1:${servicePort}`,
  };
  const here: Surroundings = {
    folder,
    state: join(folder, "state"),
    reports: join(folder, "reports"),
    ports,
    external: ending.includes("Toxiproxy")
      ? await startToxiproxy(FRONTS[ending] ?? null, FINDS_ITS_PROXY.has(ending) ? proxy : null)
      : null,
    disks: [],
    listeners: new Map(),
    stopped: Promise.resolve([]),
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
    if (!ended) here.listeners = listenersOf(run.pid ?? 0);
    const happened = !ended && happen(ending, run, here);
    const [code, signal] = await Promise.race([
      exited,
      // A run that is stopped has its time from when it goes on.
      here.stopped.then(() => pause(WHOLE_RUN_MS, [null, null] as const, { ref: false })),
    ]);
    const endedAt = performance.now();
    // On a busy machine a server that lives may give no answer in time. That is what 5 is for, and what is left goes later.
    const wasStarved = here.external !== null && code === 5 && /no answer within/.test(stderr);
    const problems = [
      ...(wasStarved ? [] : exitProblems(trial, happened, signal ?? code, here)),
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
    await cleanUp(here);
  }
}

/** What stands between the run and the server. */
const FRONTS: Partial<Record<Ending, FrontKind>> = {
  "SIGKILL on a Toxiproxy behind a path": "path",
  "SIGKILL on a Toxiproxy by https": "https",
  "SIGKILL of the run and of its tunnel to Toxiproxy": "tunnel",
  "the tunnel to Toxiproxy dies": "tunnel",
};

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
  ${serviceName(here)}:
    run: ${JSON.stringify(run)}
    env: { PORT: "${servicePort}", CHILD_PORT: "${childPort}" }
    ready: http://127.0.0.1:${servicePort}/
    stopGrace: 300ms
${ending.endsWith("with a daemon") ? daemonService(here) : ""}proxies:
${proxiesFor(ending, here)}load:
  target: http://127.0.0.1:${proxyPort}
  rate: 40/s
  timeout: 1500ms
  # A toxic is made for each connection.
  keepAlive: false
  requests: [{ name: look, path: / }]
phases: { warmup: 0s, baseline: 1s, fault: 2s, recovery: 1s }
slos: [availability >= 5%]
faults:
${faultOf(ending, here)}`,
  );
  mkdirSync(here.state, { recursive: true });
  mkdirSync(temporaryFilesOf(here));
  let out = join(here.reports, "run");
  // As root no folder is read-only; one below a file cannot be made by anybody.
  if (ending === "the report folder cannot be written") {
    writeFileSync(here.reports, "");
  } else {
    mkdirSync(here.reports);
  }
  if (ending === "the disk of the report is full") {
    mountSmallDisk(here, here.reports);
    fillSmallDisk(here.reports, 1);
  }
  if (ending === "the disk of the journal is full") {
    mountSmallDisk(here, here.state);
    fillSmallDisk(here.state, 0);
  }
  if (ending === "SIGKILL on a Toxiproxy, with the disk of the journal full")
    mountSmallDisk(here, here.state);
  if (ending === "the report folder cannot be written") out = join(here.reports, "below", "a", "file");
  const breaks = BREAKS[ending];
  return startChild(
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
        TMPDIR: temporaryFilesOf(here),
        NODE_EXTRA_CA_CERTS: CA_FILE,
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

/** With HTTP rules a second one ends TLS: it has a thread, certificates and their files. */
function proxiesFor(ending: Ending, { ports: [servicePort, , proxyPort] }: Surroundings): string {
  const addresses = `listen: "127.0.0.1:${proxyPort}", upstream: "127.0.0.1:${servicePort}"`;
  if (!ending.endsWith("with HTTP rules")) return `  dependency: { ${addresses} }\n`;
  return `  dependency: { protocol: http, ${addresses} }
  secure: { protocol: http, listen: "https://127.0.0.1:0", upstream: "127.0.0.1:${servicePort}" }
`;
}

function faultOf(ending: Ending, here: Surroundings): string {
  if (ending.endsWith("with HTTP rules")) return HTTP_FAULT;
  const deed = PROCESS_FAULTS.find(([words]) => ending.endsWith(words))?.[1];
  if (deed !== undefined) return `  - { name: on its process, service: ${serviceName(here)}, ${deed} }\n`;
  return `  - name: slow, then worse
    proxy: dependency
    stages:
      - { at: 0s, latency: 100ms }
      - { at: 700ms, latency: 150ms, bandwidth: 10KB/s }
      - { at: 1400ms, latency: 150ms, partition: upstream }
`;
}

/** Requests are held, answered by the gateway and cut off while it happens. */
const HTTP_FAULT = `  - name: answers that are none
    proxy: dependency
    stages:
      - { at: 0s, http: { delay: 600ms } }
      - { at: 700ms, http: { status: 503, share: 60% } }
      - { at: 1400ms, http: { cut: 50%, every: 2 }, latency: 100ms }
`;

/** By the end of an ending's name. */
const PROCESS_FAULTS = [
  ["with a service paused", "pause: true"],
  ["with a service short of CPU", "cpu: 20%"],
  ["with a service short of memory", "memory: 256MiB, restart: 300ms"],
  ["with a service that was killed and comes back", "kill: SIGKILL, restart: 800ms"],
] as const;

/** One that has nothing of the service's but the port that it is to listen on. */
function daemonService({ folder, ports }: Surroundings): string {
  const [, , , port] = ports;
  const daemon = [process.execPath, join(FIXTURES, "daemon.mjs"), port, `${folder}/daemon`].join(" ");
  const run = `sh -c 'env -i setsid ${daemon} >/dev/null 2>&1 &'; exec sleep 1000`;
  return `  daemon: { run: ${JSON.stringify(run)}, shell: true, ready: "tcp://127.0.0.1:${port}", stopGrace: 300ms }
`;
}

/** Makes it happen; false when there was nothing for it to happen to. */
function happen(ending: Ending, child: ChildProcess, here: Surroundings): boolean {
  switch (ending) {
    case "SIGINT":
    case "SIGTERM":
    case "SIGKILL":
      return child.kill(ending);
    case "SIGTERM, with HTTP rules":
      return child.kill("SIGTERM");
    case "SIGKILL, with a daemon":
    case "SIGKILL, with a service paused":
    case "SIGKILL, with a service short of CPU":
    case "SIGKILL, with a service short of memory":
    case "SIGKILL, with a service that was killed and comes back":
      return child.kill("SIGKILL");
    case "the run is stopped for longer than its lease, on a real Toxiproxy":
    case "the run is stopped for longer than its lease, with a service paused":
      here.stopped = stopForAWhile(child, here);
      return true;
    case "SIGINT, with a daemon":
    case "SIGINT, with a service paused":
    case "SIGINT, with a service short of CPU":
    case "SIGINT, with a service short of memory":
    case "SIGINT, with a service that was killed and comes back":
    case "SIGINT, with HTTP rules":
    case "SIGINT on a real Toxiproxy":
      return child.kill("SIGINT");
    case "SIGKILL, with HTTP rules":
    case "SIGKILL on a real Toxiproxy, with HTTP rules":
    case "SIGKILL on a real Toxiproxy":
    case "SIGKILL on a Toxiproxy behind a path":
    case "SIGKILL on a Toxiproxy by https":
      return child.kill("SIGKILL");
    case "SIGKILL on a Toxiproxy, with the disk of the journal full":
      fillSmallDisk(here.state, 0);
      return child.kill("SIGKILL");
    case "SIGKILL of the run and of its tunnel to Toxiproxy":
      void here.external?.front?.stop();
      return child.kill("SIGKILL");
    case "the tunnel to Toxiproxy dies":
      void here.external?.front?.stop();
      return here.external !== null;
    case "Toxiproxy pauses for 8 s":
      if (here.external) here.external.awake = pausedFor(here.external.process, 8_000);
      return here.external !== null;
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

async function pausedFor(server: ChildProcess, ms: number): Promise<void> {
  server.kill("SIGSTOP");
  await pause(ms);
  server.kill("SIGCONT");
}

/** The preloaded breaker acts when it appears. */
function breakFile({ folder }: Surroundings): string {
  return join(folder, "break");
}
