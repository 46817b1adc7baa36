import { spawnSync } from "node:child_process";
import { readlinkSync } from "node:fs";
import { onTestFinished } from "./at-once.js";
import { startChild } from "./children/start-child.mjs";
import { sleep } from "./proxy-line.js";

/** Skips with a word where they cannot be made: it takes Linux, root and iproute2. */
export const hasNamespaces = canMakeThem();

function canMakeThem(): boolean {
  const isThere = (program: string, ...args: readonly string[]) => spawnSync(program, args).status === 0;
  if (isThere("unshare", "--net", "true") && isThere("ip", "-V") && isThere("nsenter", "--version"))
    return true;
  process.stderr.write("skipped: network namespaces need Linux, root and iproute2\n");
  return false;
}

/** A network of its own. It has no name, and goes with the last process in it: nothing is left, however a test ends. */
export interface NetworkNamespace {
  /** Of the process that holds it. */
  readonly pid: number;
  /** Starts what comes behind it in this network. */
  readonly enter: readonly string[];
  /** Runs commands of a shell in it. */
  run(script: string): void;
}

export async function newNamespace(): Promise<NetworkNamespace> {
  const holder = startChild("unshare", ["--net", "sleep", "600"], { stdio: "ignore" });
  onTestFinished(() => void holder.kill("SIGKILL"));
  const { pid } = holder;
  if (pid === undefined) throw new Error("unshare did not start");
  const own = readlinkSync("/proc/self/ns/net");
  for (let tries = 0; readlinkSync(`/proc/${pid}/ns/net`) === own; tries++) {
    if (tries === 400) throw new Error("unshare made no network namespace");
    await sleep(10);
  }
  const enter = ["nsenter", "--target", String(pid), "--net", "--"];
  const namespace = { pid, enter, run: (script: string) => runIn(enter, script) };
  namespace.run("ip link set lo up");
  return namespace;
}

function runIn([program = "", ...args]: readonly string[], script: string): void {
  const { status, stderr } = spawnSync(program, [...args, "sh", "-ec", script], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
}

/** One end of a line between two networks. */
export interface LinkEnd {
  readonly in: NetworkNamespace;
  /** What the line is called there. */
  readonly name: string;
  /** With the length of its prefix. */
  readonly address: string;
}

/** Lays a line between two networks. */
export function lay(...ends: readonly [LinkEnd, LinkEnd]): void {
  const [a, b] = ends;
  const { status, stderr } = spawnSync(
    "ip",
    ["link", "add", a.name, "netns", String(a.in.pid), "type", "veth"].concat([
      "peer",
      "name",
      b.name,
      "netns",
      String(b.in.pid),
    ]),
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(stderr);
  for (const { in: network, name, address } of ends) {
    network.run(`ip address add ${address} dev ${name}; ip link set ${name} up`);
  }
}
