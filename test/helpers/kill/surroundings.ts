import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { pickFreePort } from "../../../src/run/local-port.js";
import { isListening } from "../../../src/run/tcp-probe.js";

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
}

export interface ExternalServer {
  readonly url: string;
  readonly process: ChildProcess;
  readonly theirsBefore: unknown;
}

/** All that was started, by whom ever, for this trial: they inherited its state folder. */
export function processesOf({ folder }: Surroundings): { readonly pid: number; readonly command: string }[] {
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
export async function startToxiproxy(): Promise<ExternalServer> {
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

export async function proxiesOf(url: string): Promise<unknown> {
  return fetch(`${url}/proxies`, { signal: AbortSignal.timeout(2_000) }).then(
    (answer) => answer.json(),
    (error) => `no answer: ${error}`,
  );
}

/** A disk with room for the folder itself and a few kilobytes. */
export function mountFullDisk(here: Surroundings, at: string): void {
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

export function cleanUp(here: Surroundings): void {
  here.external?.process.kill("SIGKILL");
  for (const { pid } of processesOf(here)) process.kill(pid, "SIGKILL");
  for (const disk of here.disks) spawnSync("umount", [disk]);
  rmSync(here.folder, { recursive: true, force: true });
}
