import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "./at-once.js";
import { startChild } from "./children/start-child.mjs";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const BIN = join(root, "bin/faultline.js");

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** What was written to stderr until now. */
  stderr(): string;
  /** The same of stdout and stderr. */
  output(): string;
}

export interface FaultlineOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A program with its arguments that starts it, as `nsenter` does. */
  readonly by?: readonly string[];
  /** Another copy of the command line. */
  readonly bin?: string;
  /** After this long it is killed and `finished` rejects. */
  readonly timeoutMs?: number;
}

/** Starts the real command line as a process of its own. */
export function startFaultline(args: readonly string[], options: FaultlineOptions = {}): Started {
  const command = [...(options.by ?? []), process.execPath, options.bin ?? BIN, ...args];
  const child = startChild(command[0] ?? "", command.slice(1), {
    cwd: options.cwd ?? root,
    env: { ...process.env, NO_COLOR: "1", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`faultline ${args.join(" ")} took too long\n${stdout}\n${stderr}`));
    }, options.timeoutMs ?? 60_000);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
  return { child, finished, stderr: () => stderr, output: () => `${stdout}${stderr}` };
}

/** Runs the real command line to its end. */
export function faultline(args: readonly string[], options: FaultlineOptions = {}): Promise<Finished> {
  return startFaultline(args, options).finished;
}

/** A folder that goes away with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "faultline-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
