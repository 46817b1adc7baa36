import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A script of test/helpers in a process of its own, spoken to by lines. */
export interface HelperProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly nextLine: () => Promise<string>;
}

export function startHelper(script: string, ...args: readonly string[]): HelperProcess {
  return attach(script, spawn(process.execPath, [pathOf(script), ...args]));
}

/** As `startHelper`, with room for only so many open files. */
export function startHelperWithFileLimit(
  limit: number,
  script: string,
  ...args: readonly string[]
): HelperProcess {
  const shell = `ulimit -Sn ${limit} && ulimit -Hn ${limit} && exec "$@"`;
  return attach(script, spawn("/bin/sh", ["-c", shell, "sh", process.execPath, pathOf(script), ...args]));
}

function pathOf(script: string): string {
  return fileURLToPath(new URL(script, import.meta.url));
}

function attach(script: string, child: ChildProcessWithoutNullStreams): HelperProcess {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stderr.pipe(process.stderr);
  return {
    child,
    nextLine: async () => {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${script} ended`);
      return value;
    },
  };
}
