import { spawnSync } from "node:child_process";

/**
 * Whether an engine's own validator is on PATH. Where it is not, its tests are skipped with a word; in CI, where
 * .ci/run installs it, they fail.
 */
export function hasValidator(name: string): boolean {
  if (spawnSync(name, ["--version"]).error === undefined) return true;
  if (process.env.CI) return true;
  process.stderr.write(`skipped: ${name} is not on PATH\n`);
  return false;
}

/** What a program says and how it ends. */
export function runProgram(
  name: string,
  args: readonly string[],
): { readonly code: number | null; readonly text: string } {
  const { status, stdout, stderr, error } = spawnSync(name, args, { encoding: "utf8", timeout: 60_000 });
  if (error) throw error;
  return { code: status, text: `${stdout}${stderr}` };
}
