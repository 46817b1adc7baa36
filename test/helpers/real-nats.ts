import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { pickFreePort } from "../../src/run/reach/local-port.js";
import { onTestFinished } from "./at-once.js";
import { startChild } from "./children/start-child.mjs";
import { type Started, startFaultline } from "./faultline.js";
import { hasProgram } from "./has-program.js";
import { sleep } from "./proxy-line.js";

/** Debian puts it where ordinary users do not look. */
const SBIN = "/usr/sbin/nats-server";
export const NATS_PROGRAM = existsSync(SBIN) ? SBIN : "nats-server";

/** Skips with a word where there is no server; fails in CI. */
export const hasNats = hasProgram(NATS_PROGRAM, "apt-get install nats-server");

export interface RealNats {
  readonly url: string;
  readonly port: number;
  /** At once, without a word to anybody. */
  kill(): Promise<void>;
  /** On the same port. */
  start(): Promise<void>;
}

/** A server on a free port of this machine. It ends with the test. */
export async function startNats(...args: readonly string[]): Promise<RealNats> {
  const port = await pickFreePort();
  let child: ChildProcess | null = null;
  const kill = async () => {
    const running = child;
    child = null;
    if (running === null) return;
    running.kill("SIGKILL");
    await once(running, "exit");
  };
  const start = async () => {
    child = startChild(NATS_PROGRAM, ["--addr", "127.0.0.1", "--port", String(port), ...args], {
      stdio: "ignore",
    });
    await takesConnections(port);
  };
  onTestFinished(kill);
  await start();
  return { url: `nats://127.0.0.1:${port}`, port, kill, start };
}

async function takesConnections(port: number): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isOpen) return;
    await sleep(25);
  }
  throw new Error(`nats-server does not take connections at ${port}`);
}

export interface RealWorker extends Started {
  readonly name: string;
  kill(signal: NodeJS.Signals): void;
}

/** Workers as processes of their own, which wait for runs when this resolves. They end with the test. */
export async function startWorkers(
  url: string,
  names: readonly string[],
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<readonly RealWorker[]> {
  const workers = names.map((name) => {
    const started = startFaultline(["worker", "--nats", url, "--name", name, ...args], {
      env,
      timeoutMs: 110_000,
    });
    started.finished.catch(() => {});
    onTestFinished(async () => {
      started.child.kill("SIGKILL");
      await started.finished.catch(() => {});
    });
    return { ...started, name, kill: (signal: NodeJS.Signals) => void started.child.kill(signal) };
  });
  for (const worker of workers) await says(worker, "waits for runs");
  return workers;
}

/** Resolves when the worker has said this. */
export async function says(worker: Started, text: string): Promise<void> {
  for (let tries = 0; tries < 1200; tries++) {
    if (worker.output().includes(text)) return;
    if (worker.child.exitCode !== null) break;
    await sleep(25);
  }
  throw new Error(`the worker did not say "${text}", but:\n${worker.output()}`);
}
