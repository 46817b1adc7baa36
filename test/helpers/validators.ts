import { spawnSync } from "node:child_process";

/** What a program says and how it ends. */
export function runProgram(
  name: string,
  args: readonly string[],
): { readonly code: number | null; readonly text: string } {
  const { status, stdout, stderr, error } = spawnSync(name, args, { encoding: "utf8", timeout: 60_000 });
  if (error) throw error;
  return { code: status, text: `${stdout}${stderr}` };
}
