import { spawnSync } from "node:child_process";

/**
 * Whether a program is on PATH. Where it is not, its tests are skipped with a word; in CI, where .ci/run installs it, they
 * fail.
 * @param how to get it, for those who want to run them.
 */
export function hasProgram(name: string, how?: string): boolean {
  if (spawnSync(name, ["--version"]).error === undefined) return true;
  if (process.env.CI) return true;
  process.stderr.write(`skipped: ${name} is not on PATH${how === undefined ? "" : `: ${how}`}\n`);
  return false;
}
