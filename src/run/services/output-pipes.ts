import { spawnSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A pipe of the system: bytes go in at `writeEnd`, a file descriptor, and come out of `stream`. */
export interface OutputPipe {
  readonly writeEnd: number;
  readonly stream: Socket;
}

/**
 * Makes pipes for a program's stdout and stderr. Node gives a child pairs of sockets. Those cannot be opened as /dev/stdout
 * or /dev/stderr, which many programs do (nginx in a container, shell scripts). Node can open named pipes but cannot make
 * them. The names are gone again when this returns.
 *
 * @returns null when this machine does not let us: no mkfifo, or no room for its names.
 */
export function openOutputPipes(): readonly [stdout: OutputPipe, stderr: OutputPipe] | null {
  let folder: string | null = null;
  const opened: number[] = [];
  try {
    folder = mkdtempSync(join(tmpdir(), "faultline-pipes-"));
    const paths = [join(folder, "stdout"), join(folder, "stderr")] as const;
    if (spawnSync("mkfifo", ["-m", "600", ...paths], { stdio: "ignore" }).status !== 0) return null;
    const open = (path: string) => {
      // The read end is opened first: without a reader the other end cannot be opened.
      const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      opened.push(readEnd);
      const writeEnd = openSync(path, constants.O_WRONLY);
      opened.push(writeEnd);
      return { readEnd, writeEnd };
    };
    const [stdout, stderr] = [open(paths[0]), open(paths[1])];
    return [asPipe(stdout), asPipe(stderr)];
  } catch {
    for (const fd of opened) closeSync(fd);
    return null;
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  }
}

function asPipe({ readEnd, writeEnd }: { readonly readEnd: number; readonly writeEnd: number }): OutputPipe {
  return { writeEnd, stream: new Socket({ fd: readEnd, readable: true, writable: false }) };
}
