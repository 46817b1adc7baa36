/** Limit for the body of one answer that is looked into. Such a body is kept in memory as a whole. */
const LARGEST_BODY_BYTES = 16 * 1024 * 1024;
/** Limit for all unfinished answers of a thread. Many connections with large bodies would fill the memory, too. */
const MOST_BODY_BYTES = 256 * 1024 * 1024;
/** How much of that is taken. */
let bytesHeld = 0;

/**
 * Counts a piece of a body that is kept. `bodyBytes`: the body's length with it. They are counted until
 * `releaseBody`.
 * @returns why it is too much. null: it may be kept.
 */
export function holdPiece(pieceBytes: number, bodyBytes: number): string | null {
  const problem = holdBytes(pieceBytes);
  if (bodyBytes > LARGEST_BODY_BYTES) {
    return `the body is over ${LARGEST_BODY_BYTES / 1024 ** 2} MiB, too large to be looked into`;
  }
  return problem;
}

/** Counts bytes that are kept, until `releaseBody`. @returns why it is too much. null: they may be kept. */
export function holdBytes(bytes: number): string | null {
  bytesHeld += bytes;
  if (bytesHeld > MOST_BODY_BYTES) {
    return `bodies to be looked into fill more than ${MOST_BODY_BYTES / 1024 ** 2} MiB at once`;
  }
  return null;
}

/** The answer is whole, or lost. */
export function releaseBody(bodyBytes: number): void {
  bytesHeld -= bodyBytes;
}
