import { PassThrough } from "node:stream";
import type { Io } from "../../src/cli/process/io.js";

/** A process for the command line to live in, that keeps what was written. */
export function testIo(more: Partial<Pick<Io, "cwd" | "env">> = {}): Io & { out(): string; err(): string } {
  const texts = { out: "", err: "" };
  const sink = (name: keyof typeof texts) => {
    const stream = new PassThrough();
    stream.on("data", (chunk) => {
      texts[name] += String(chunk);
    });
    return stream;
  };
  return {
    stdin: new PassThrough(),
    stdout: sink("out"),
    stderr: sink("err"),
    env: {},
    cwd: process.cwd(),
    onSignal: () => () => {},
    exitNow: () => {},
    ...more,
    out: () => texts.out,
    err: () => texts.err,
  };
}
