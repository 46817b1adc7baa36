import { type ChildProcess, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { pickFreePort } from "../../../src/run/reach/local-port.js";
import { isListening } from "../../../src/run/reach/tcp-probe.js";
import { startChild } from "../children/start-child.mjs";
import { type Front, type FrontKind, openFront } from "./front.js";

export const root = fileURLToPath(new URL("../../../", import.meta.url));
export const BIN = join(root, "bin", "faultline.js");
export const FIXTURES = join(root, "test", "fixtures", "kill");

/** Small disks of their own, where this process may mount them. */
export const canMount = process.platform === "linux" && process.getuid?.() === 0 && mountProbe();

export interface Surroundings {
  readonly folder: string;
  readonly state: string;
  readonly reports: string;
  readonly ports: readonly number[];
  readonly external: ExternalServer | null;
  readonly disks: string[];
  /** What the run itself listened on when it happened. */
  listeners: ReadonlyMap<string, number>;
  /** Resolves with what was wrong while the run was stopped, if it was. */
  stopped: Promise<readonly string[]>;
}

export interface ExternalServer {
  /** What the run is told; it leads through the front, if there is one. */
  readonly url: string;
  readonly ownUrl: string;
  readonly front: Front | null;
  /** The one that runs now. */
  readonly process: ChildProcess;
  /** The scenario's proxy is there before the run. */
  readonly findsProxy: boolean;
  /** What the server lists but for what the run does. */
  readonly theirsBefore: unknown;
  /** Resolves when a server that was stopped has been let go on. */
  awake: Promise<void>;
  /** After its death: at the same address, with nothing in it. */
  startAnew(): Promise<void>;
}

/** All that was started, by whom ever, for this trial: they inherited its state folder, or were told its folder. */
export function processesOf({ folder }: Surroundings): { readonly pid: number; readonly command: string }[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, "latin1");
        const command = readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
        if (!environment.includes(`FAULTLINE_STATE_DIR=${folder}/`) && !command.includes(`${folder}/`))
          return [];
        // A zombie has no command line.
        return command === "" ? [] : [{ pid, command }];
      } catch {
        return [];
      }
    });
}

/** A server with Toxiproxy's API in a process of its own: TOXIPROXY_SERVER, or the one that comes with faultline. */
export async function startToxiproxy(
  frontKind: FrontKind | null,
  /** A proxy that the run is going to find. */
  found: { readonly name: string; readonly listen: string; readonly upstream: string } | null,
): Promise<ExternalServer> {
  const port = await pickFreePort();
  const ownUrl = `http://127.0.0.1:${port}`;
  let server = await startServer(port);
  // Somebody else's, which every trial has to leave alone.
  const theirs = { name: "theirs", listen: "127.0.0.1:0", upstream: "127.0.0.1:9" };
  for (const proxy of found ? [theirs, found] : [theirs]) {
    await fetch(`${ownUrl}/proxies`, { method: "POST", body: JSON.stringify(proxy) });
    const toxic = { name: "theirs", type: "latency", attributes: { latency: 5 } };
    await fetch(`${ownUrl}/proxies/${proxy.name}/toxics`, { method: "POST", body: JSON.stringify(toxic) });
  }
  const front = frontKind ? await openFront(frontKind, ownUrl) : null;
  let theirsBefore = await patientProxiesOf(ownUrl);
  return {
    url: front?.url ?? ownUrl,
    ownUrl,
    front,
    get process() {
      return server;
    },
    findsProxy: found !== null,
    get theirsBefore() {
      return theirsBefore;
    },
    awake: Promise.resolve(),
    async startAnew() {
      if (server.exitCode === null && server.signalCode === null) return;
      server = await startServer(port);
      theirsBefore = {};
    },
  };
}

async function startServer(port: number): Promise<ChildProcess> {
  const program = process.env.TOXIPROXY_SERVER;
  const server = program
    ? startChild(program, ["-port", String(port)], { stdio: "ignore" })
    : startChild(process.execPath, [BIN, "proxy", "--port", String(port)], { stdio: "ignore" });
  // Until it answers: one that only listens may need longer for its first answer than `heal` has patience.
  for (let tries = 0; !(await answers(port)); tries += 1) {
    if (tries > 400) throw new Error("Toxiproxy did not start");
    await pause(25);
  }
  return server;
}

async function answers(port: number): Promise<boolean> {
  if (!(await isListening("127.0.0.1", port))) return false;
  return typeof (await proxiesOf(`http://127.0.0.1:${port}`)) !== "string";
}

export async function proxiesOf(url: string): Promise<unknown> {
  return fetch(`${url}/proxies`, { signal: AbortSignal.timeout(2_000) }).then(
    (answer) => answer.json(),
    (error) => `no answer: ${error}`,
  );
}

/** The same of a server that lives: on a busy machine it may take long for an answer. */
export async function patientProxiesOf(url: string): Promise<unknown> {
  let found = await proxiesOf(url);
  for (let tries = 1; typeof found === "string" && tries < 10; tries += 1) found = await proxiesOf(url);
  return found;
}

/** Where the run puts files that are to end with it. */
export function temporaryFilesOf({ folder }: Surroundings): string {
  return join(folder, "tmp");
}

/** A disk of 64 KiB. */
export function mountSmallDisk(here: Surroundings, at: string): void {
  mount(["-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", at]);
  here.disks.push(at);
}

/** Leaves room for so many pages on a small disk: 4 KiB each, of 16. */
export function fillSmallDisk(at: string, pagesLeft: number): void {
  const file = openSync(join(at, "ballast"), "w");
  try {
    for (let page = 16 - pagesLeft; page > 0; page -= 1) writeSync(file, Buffer.alloc(4096));
  } catch {
    // The rest is full already.
  }
  closeSync(file);
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

export async function cleanUp(here: Surroundings): Promise<void> {
  await here.external?.front?.stop();
  here.external?.process.kill("SIGKILL");
  for (const { pid } of processesOf(here)) process.kill(pid, "SIGKILL");
  for (const disk of here.disks) spawnSync("umount", [disk]);
  rmSync(here.folder, { recursive: true, force: true });
}
