/** Length of each octet's code in bits: RFC 7541, appendix B. The last one is the end of the text, which is never sent. */
const CODE_LENGTHS: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28,
  28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7,
  8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19,
  13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13,
  28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21,
  22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23,
  22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25,
  25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];
const END_OF_TEXT = 256;
/** The shortest code. */
const LEAST_BITS = 5;

/**
 * A tree of all codes. For each inner node two entries, for a 0 and a 1: the next inner node, or −1 − octet. Node 0 is
 * the root.
 */
const TREE = buildTree();

/** Codes of one length follow one another by octet, and shorter ones come first. So the lengths say them all. */
function buildTree(): Int16Array {
  const tree = new Int16Array(2 * CODE_LENGTHS.length);
  const octets = [...CODE_LENGTHS.keys()].sort((a, b) => CODE_LENGTHS[a]! - CODE_LENGTHS[b]! || a - b);
  let nodes = 1;
  let code = 0;
  let bits = 0;
  for (const octet of octets) {
    const length = CODE_LENGTHS[octet]!;
    // No bit operators: the longest codes have 30 bits.
    code *= 2 ** (length - bits);
    bits = length;
    let node = 0;
    for (let bit = length - 1; bit >= 0; bit--) {
      const at = 2 * node + ((code >>> bit) & 1);
      if (bit === 0) tree[at] = -1 - octet;
      else {
        if (tree[at] === 0) tree[at] = nodes++;
        node = tree[at]!;
      }
    }
    code++;
  }
  return tree;
}

let scratch = Buffer.allocUnsafeSlow(4096);

/** The text, one character an octet. @returns null when the bytes are no such text. */
export function decodeHuffman(bytes: Buffer, from: number, to: number): string | null {
  const most = Math.ceil(((to - from) * 8) / LEAST_BITS);
  if (scratch.length < most) scratch = Buffer.allocUnsafeSlow(most);
  let length = 0;
  let node = 0;
  /** Bits since the last octet, and whether all of them were 1. */
  let open = 0;
  let areOnes = true;
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    for (let bit = 7; bit >= 0; bit--) {
      const value = (byte >>> bit) & 1;
      const next = TREE[2 * node + value]!;
      if (next < 0) {
        const octet = -1 - next;
        if (octet === END_OF_TEXT) return null;
        scratch[length++] = octet;
        node = 0;
        open = 0;
        areOnes = true;
      } else {
        node = next;
        open++;
        if (value === 0) areOnes = false;
      }
    }
  }
  // The last byte is filled with the first bits of the end of text, which are ones.
  if (open > 7 || !areOnes) return null;
  return scratch.toString("latin1", 0, length);
}
