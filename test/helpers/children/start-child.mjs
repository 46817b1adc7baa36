// Programs that a test or a benchmark starts: all of them end with it, also when it is killed.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const REAPER = fileURLToPath(new URL("./reaper.mjs", import.meta.url));
let reaper = null;

/** As `spawn`. */
export function startChild(program, args, options) {
  const child = spawn(program, args, options);
  const { pid } = child;
  if (pid === undefined) return child;
  reaper ??= startReaper();
  reaper.stdin.write(`+${pid}\n`);
  child.once("exit", () => reaper.stdin.write(`-${pid}\n`));
  return child;
}

function startReaper() {
  // In a session of its own: what kills the group of the process must not kill it.
  const child = spawn(process.execPath, [REAPER], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  child.on("error", () => {});
  child.stdin.on("error", () => {});
  child.unref();
  child.stdin.unref();
  return child;
}
