import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** proc(5): sl local_address rem_address st … inode; state 0A is LISTEN. */
const LISTENING = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) \S+ 0A \S+ \S+ \S+ +\d+ +\d+ (\d+)/gm;

/** Ports on which this process listens, whoever chose them, by the number of their socket: no two sockets share one. */
export function listenersOf(pid: number): ReadonlyMap<string, number> {
  const own = new Set<string>();
  try {
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode !== undefined) own.add(inode);
    }
  } catch {
    // It has ended.
  }
  return new Map([...allListeners()].filter(([inode]) => own.has(inode)));
}

/** Those that are there still. Another program may have taken the port by now, with a socket of its own. */
export function leftOf(listeners: ReadonlyMap<string, number>): readonly number[] {
  const now = allListeners();
  return [...listeners].flatMap(([inode, port]) => (now.has(inode) ? [port] : []));
}

function allListeners(): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const name of ["tcp", "tcp6"]) {
    for (const [, port = "", inode = ""] of readFileSync(`/proc/net/${name}`, "utf8").matchAll(LISTENING))
      found.set(inode, Number.parseInt(port, 16));
  }
  return found;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
