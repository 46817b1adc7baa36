import { isLimitCode } from "./system-limits.js";

/** The same again within this time says nothing new. */
const SAME_MS = 200;

let listener: ((code: string) => void) | null = null;
let toldMs = Number.NEGATIVE_INFINITY;

/** Told when a connection of a proxy was lost to a limit of this process or its machine. One listener a thread. */
export function onLimitHit(tell: (code: string) => void): void {
  listener = tell;
}

/** To be called with each error of a proxy's sockets; does nothing where it is about anything else. */
export function noteLimit(error: unknown): void {
  const each = error instanceof AggregateError ? error.errors : [error];
  const code = each.map(codeOf).find((one) => one !== null && isLimitCode(one));
  if (!code || performance.now() - toldMs < SAME_MS) return;
  toldMs = performance.now();
  listener?.(code);
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}
