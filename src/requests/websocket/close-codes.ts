/** Why a connection was closed: RFC 6455, 7.4, and the registry of IANA. */
const CLOSE_CODES: ReadonlyMap<number, string> = new Map([
  [1000, "normal"],
  [1001, "going away"],
  [1002, "protocol error"],
  [1003, "unsupported data"],
  [1007, "invalid data"],
  [1008, "policy violation"],
  [1009, "message too big"],
  [1010, "extension missing"],
  [1011, "internal error"],
  [1012, "service restart"],
  [1013, "try again later"],
  [1014, "bad gateway"],
  [3000, "unauthorized"],
  [3003, "forbidden"],
  [3008, "timeout"],
]);

/** Those that never stand in a frame are beside others that nobody has registered. */
export function mayStandInFrame(code: number): boolean {
  return (code >= 3000 && code <= 4999) || (code >= 1000 && code < 3000 && CLOSE_CODES.has(code));
}

/** "1011 internal error". `code` null: the frame has none. */
export function closeInWords(code: number | null): string {
  if (code === null) return "without a code";
  const name = CLOSE_CODES.get(code);
  return name === undefined ? String(code) : `${code} ${name}`;
}
