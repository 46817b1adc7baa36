// Other load generators, as programs.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Resolves with { stdout, cpuUs }: the CPU time, in µs, of the program and of all that it waited for. */
export async function peer(program, ...args) {
  // The second line of `times` is of what has ended: "0m1.230s 0m0.450s". Not every program ends its last line.
  const script = '"$@"; status=$?; echo; times; exit $status';
  const { stdout } = await run("/bin/sh", ["-c", script, "sh", program, ...args.map(String)], {
    maxBuffer: 2 ** 28,
  });
  const lines = stdout.trimEnd().split("\n");
  const seconds = [...lines.at(-1).matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, m, s]) => 60 * Number(m) + Number(s),
  );
  return { stdout: lines.slice(0, -2).join("\n"), cpuUs: (seconds[0] + seconds[1]) * 1e6 };
}

/** What one of ours comes to, of `measure`: { perS, cpuUs }, requests per second and µs of CPU time for each. */
export async function ownCost(seconds, work) {
  const before = process.cpuUsage();
  const { outcomes, scheduled, durationS } = await work();
  if (outcomes.ok !== scheduled) throw new Error(`not all ok: ${JSON.stringify(outcomes)}`);
  const { user, system } = process.cpuUsage(before);
  // The warm-up of a second counts as well, and sends as many.
  return { perS: outcomes.ok / durationS, cpuUs: (user + system) / (outcomes.ok * (1 + 1 / seconds)) };
}
