/** Bytes of a body that are kept as an example. More than is shown: secrets are taken out first. */
export const SAMPLE_BYTES = 1000;
/** In a text hardly any character is unreadable. In compressed or binary data many are. */
const MOST_UNREADABLE = 0.05;

/** The beginning of a body as text. @returns "" when it is no text, as when it is compressed. */
export function beginningOf(body: readonly Buffer[]): string {
  const parts: Buffer[] = [];
  let room = SAMPLE_BYTES;
  for (const part of body) {
    if (room <= 0) break;
    parts.push(part.subarray(0, room));
    room -= part.length;
  }
  // A character that was cut at the end is left out.
  const text = new TextDecoder("utf-8").decode(Buffer.concat(parts), { stream: true });
  const unreadable = text.match(/\ufffd|[^\P{Cc}\s]/gu)?.length ?? 0;
  return unreadable > MOST_UNREADABLE * text.length ? "" : text;
}
