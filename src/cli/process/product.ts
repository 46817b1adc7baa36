import { fstatSync, writeSync } from "node:fs";
import { Writable } from "node:stream";

const STDOUT = 1;

export interface Product {
  readonly stream: NodeJS.WriteStream | Writable;
  /** Resolves with the reason why something could not be written, or null. A reader that went away is no failure. */
  finish(): Promise<string | null>;
}

/** The stream that results go to. It checks that they get there: a full disk must not look like success. */
export function openProduct(stdout: NodeJS.WriteStream): Product {
  const stream = isFile(stdout) ? wholeFile() : stdout;
  let failure: string | null = null;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // `| head`, or a terminal that was closed.
    if (error.code === "EPIPE" || stdout.isTTY) return;
    failure ??= error.message;
  });
  return {
    stream,
    finish: async () => {
      // An error is told only after its write.
      await new Promise((resolve) => setImmediate(resolve));
      return failure;
    },
  };
}

/** A file or a device. Not a terminal, a pipe or a socket. */
function isFile(stdout: NodeJS.WriteStream): boolean {
  try {
    const stat = fstatSync(STDOUT);
    return !stdout.isTTY && !stat.isFIFO() && !stat.isSocket();
  } catch {
    // It is closed.
    return false;
  }
}

/** On a nearly full disk, Node's own stream for a file drops what the disk did not take. */
function wholeFile(): Writable {
  return new Writable({
    write(chunk: Buffer, _, done) {
      try {
        for (let at = 0; at < chunk.length; ) at += writeSync(STDOUT, chunk, at);
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
  });
}
