/**
 * Ends what another process has started when that process is gone, however it went. On stdin: "+PID" for each process
 * that it starts, "-PID" when that one has ended; the end of stdin is the end of the other process.
 */
import { createInterface } from "node:readline";

/** How long a process may take to end by itself: a run takes its faults out. */
const GRACE_MS = 10_000;
const LOOK_MS = 50;

// It ends with the pipe, not with a terminal that signals whole groups.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});

const pids = new Set();
for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1));
  if (line.startsWith("+")) pids.add(pid);
  else pids.delete(pid);
}
signalAll("SIGTERM");
const deadline = performance.now() + GRACE_MS;
while (pids.size > 0 && performance.now() < deadline) {
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  signalAll(0);
}
signalAll("SIGKILL");

/** Forgets those that are gone. */
function signalAll(signal) {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      pids.delete(pid);
    }
  }
}
