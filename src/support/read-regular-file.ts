import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";

/** A path that leads to no file that may be read as a whole. */
export class UnfitFile extends Error {
  /** null: the size is not the problem. */
  readonly sizeBytes: number | null;

  /** The message follows the file's name: "cannot read users.csv: it is not a file". */
  constructor(message: string, sizeBytes: number | null = null) {
    super(message);
    this.sizeBytes = sizeBytes;
  }
}

export interface ReadLimit {
  readonly mostBytes: number;
  /** What to do with a larger file. */
  readonly beyond: "refuse" | "cut";
}

/** An open file on disk. */
export interface RegularFile {
  readonly file: FileHandle;
  readonly sizeBytes: number;
}

/**
 * Opens a file on disk. Pipes, devices and folders are refused. Do not read beyond the size that the system gives: then
 * a file that never ends (/proc/self/pagemap) can hold nobody up. Files in /proc have no size, so nothing of them is
 * read.
 * @throws UnfitFile, or the system's error.
 */
export async function openRegularFile(path: string): Promise<RegularFile> {
  // Asked before it is opened, because opening some devices does something.
  if (!(await stat(path)).isFile()) throw new UnfitFile("it is not a file");
  // It may have become a pipe meanwhile. Opening must not wait for a writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const info = await file.stat();
    if (!info.isFile()) throw new UnfitFile("it is not a file");
    return { file, sizeBytes: info.size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Reads a file on disk: the whole of it, or its beginning. @throws UnfitFile, or the system's error. */
export async function readRegularFile(path: string, limit: ReadLimit): Promise<Buffer> {
  const { file, sizeBytes } = await openRegularFile(path);
  try {
    if (limit.beyond === "refuse") refuseLarger(sizeBytes, limit.mostBytes);
    const bytes = Buffer.alloc(Math.min(sizeBytes, limit.mostBytes));
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await file.close();
  }
}

/** The pieces of a file on disk, one after the other. @throws UnfitFile, or the system's error. */
export async function* readPieces(path: string, mostBytes: number): AsyncGenerator<Buffer> {
  const { file, sizeBytes } = await openRegularFile(path);
  try {
    refuseLarger(sizeBytes, mostBytes);
    if (sizeBytes === 0) return;
    yield* file.createReadStream({ end: sizeBytes - 1, autoClose: false });
  } finally {
    await file.close();
  }
}

function refuseLarger(sizeBytes: number, mostBytes: number): void {
  if (sizeBytes > mostBytes) throw new UnfitFile(`it is larger than ${mostBytes / 1e6} MB`, sizeBytes);
}
