import type { Io } from "../process/io.js";

/** Empty line and sentence. */
export const LET_THROUGH_LINES = 2;

/**
 * Says that --fail-on let a verdict through. It is printed below the result, and on stderr for a pipeline that keeps
 * stdout in a file. On a terminal, where a reader sees both, it is printed once.
 */
export function printLetThrough(
  text: string,
  io: Io,
  { json = false }: { readonly json?: boolean | undefined },
): void {
  if (!json) io.stdout.write(`\n${text}\n`);
  const isSeen = !json && io.stdout.isTTY === true && io.stderr.isTTY === true;
  if (!isSeen) io.stderr.write(`warning: ${text}\n`);
}
