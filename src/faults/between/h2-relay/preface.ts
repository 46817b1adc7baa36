/** What a client of HTTP/2 begins with. */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export const PREFACE_BYTES = PREFACE.length;

/** @returns null as long as it may become one. */
export function isPreface(begin: Buffer): boolean | null {
  if (!begin.subarray(0, PREFACE_BYTES).equals(PREFACE.subarray(0, begin.length))) return false;
  return begin.length >= PREFACE_BYTES ? true : null;
}
