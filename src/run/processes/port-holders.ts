import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Address } from "../../support/address.js";
import { isLoopback } from "../../support/hosts.js";

/** In /proc/net/tcp, see proc_net(5). */
const LISTENING = "0A";

/** The pids among those given that listen on the address. Linux only: on other systems none is found. */
export function holdersOf(address: Address, pids: readonly number[]): readonly number[] {
  const sockets = listeningSockets(address);
  return sockets.size === 0 ? [] : pids.filter((pid) => hasOneOf(pid, sockets));
}

/** Who listens there, for a message: "process 42 (redis-server)". */
export function describeHolders(address: Address): string {
  const holders = holdersOf(address, allPids());
  if (holders.length === 0) return "a process that cannot be seen from here";
  return holders.map((pid) => `process ${pid} (${nameOf(pid)})`).join(", ");
}

/** Processes that descend from one another stay in one control group. What a daemon of the system starts does not. */
export function sharesControlGroup(pid: number): boolean {
  return controlGroupOf(String(pid)) === controlGroupOf("self");
}

function controlGroupOf(pid: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, "utf8");
  } catch {
    return null;
  }
}

/** Names of links in /proc/PID/fd that listen on the port: on this address, on loopback, or on all addresses. */
function listeningSockets({ host, port }: Address): ReadonlySet<string> {
  const found = new Set<string>();
  for (const file of ["tcp", "tcp6"]) {
    for (const line of linesOf(`/proc/net/${file}`)) {
      const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
      const [address = "", portHex = ""] = local.split(":");
      if (state !== LISTENING || Number.parseInt(portHex, 16) !== port) continue;
      if (isLoopback(host) && !isLoopbackOrAll(address)) continue;
      found.add(`socket:[${inode}]`);
    }
  }
  return found;
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, "latin1").split("\n").slice(1);
  } catch {
    // Not Linux, or no IPv6.
    return [];
  }
}

/**
 * Addresses are written as words of four bytes, each in the machine's byte order (little-endian where Node runs on
 * Linux). 127.0.0.1 is 0100007F. In a mapped IPv6 address the last word has the IPv4 address.
 */
function isLoopbackOrAll(address: string): boolean {
  const last = address.slice(-8);
  const before = address.slice(0, -8);
  if (/^0*$/.test(address)) return true;
  if (last.endsWith("7F")) return before === "" || /^0{16}FFFF0000$/.test(before);
  return /^0{24}$/.test(before) && last === "01000000";
}

function hasOneOf(pid: number, sockets: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return sockets.has(readlinkSync(`/proc/${pid}/fd/${fd}`));
      } catch {
        return false;
      }
    });
  } catch {
    // Gone, or of another user.
    return false;
  }
}

function allPids(): number[] {
  try {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => Number.isInteger(pid));
  } catch {
    return [];
  }
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "it has ended since";
  }
}
