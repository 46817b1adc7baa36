import { constants } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { harmlessJson } from "../support/printable.js";
import { flush } from "../support/write-whole.js";
import type { LedgerLine } from "./ledger-line.js";

const NEWLINE = 0x0a;

/** For appending and reading back. Not through a link, which could lead to somebody else's file. */
const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/**
 * Appends one line, and returns when the disk has it. Other runs may append at the same time: each line is one write. A
 * line that a killed writer left unfinished stays a line of its own.
 * @throws Error when it could not be written; the lines before it are unchanged.
 */
export async function appendLine(path: string, line: LedgerLine): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, FLAGS | constants.O_NONBLOCK, 0o666);
  try {
    if (!(await file.stat()).isFile()) throw new Error("it is not a file");
    const bytes = Buffer.from(`${harmlessJson(line, 0)}\n`);
    const startsAt = await writeOnce(file, bytes);
    // Between the look at the last byte and the write, another writer may have been killed in mid-line.
    if (!(await standsAlone(file, bytes, startsAt))) await writeOnce(file, Buffer.concat([NEW_LINE, bytes]));
    // Not FileHandle.sync(): Yarn's file system, which stands in for Node's, has none.
    await flush(file.fd);
  } finally {
    await file.close();
  }
}

const NEW_LINE = Buffer.from([NEWLINE]);

/** Writes in one call, which the system does not mix with those of others. @returns the file's size before it. */
async function writeOnce(file: FileHandle, bytes: Buffer): Promise<number> {
  const { size } = await file.stat();
  const isMidLine = size > 0 && (await byteAt(file, size - 1)) !== NEWLINE;
  const whole = isMidLine ? Buffer.concat([NEW_LINE, bytes]) : bytes;
  const { bytesWritten } = await file.write(whole);
  if (bytesWritten < whole.length) throw new Error("the disk took only a part of it");
  return size;
}

async function byteAt(file: FileHandle, position: number): Promise<number | undefined> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(1), 0, 1, position);
  return bytesRead === 1 ? buffer[0] : undefined;
}

/** Whether the bytes begin a line. They were written at `from` or later. */
async function standsAlone(file: FileHandle, bytes: Buffer, from: number): Promise<boolean> {
  const start = Math.max(0, from - 1);
  const { size } = await file.stat();
  const written = Buffer.alloc(Math.max(0, size - start));
  const { bytesRead } = await file.read(written, 0, written.length, start);
  const at = written.subarray(0, bytesRead).indexOf(bytes);
  return at >= 0 && (start + at === 0 || written[at - 1] === NEWLINE);
}
