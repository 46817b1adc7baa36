import { isLimitCode } from "./system-limits.js";

/** The same error again within this time says nothing new. */
const SAME_MS = 200;

let listener: ((code: string) => void) | null = null;
let toldMs = Number.NEGATIVE_INFINITY;

/**
 * `tell` is called when a proxy lost a connection to a limit of this process or its machine. One listener per thread.
 */
export function onLimitHit(tell: (code: string) => void): void {
  listener = tell;
}

/** Call it with each error of a proxy's sockets. It ignores errors about anything else. */
export function noteLimit(error: unknown): void {
  const code = limitCodeOf(error);
  if (code === null || performance.now() - toldMs < SAME_MS) return;
  toldMs = performance.now();
  listener?.(code);
}

/** @returns null when the error is about anything else than a limit of this process or its machine. */
export function limitCodeOf(error: unknown): string | null {
  const each = error instanceof AggregateError ? error.errors : [error];
  return each.map(codeOf).find((code) => code !== null && isLimitCode(code)) ?? null;
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}
