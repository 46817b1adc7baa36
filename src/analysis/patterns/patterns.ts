import { circuitBreaker } from "./circuit-breaker.js";
import { connections } from "./connections.js";
import { fallback } from "./fallback.js";
import { type Encounter, PATTERN_IDS, type Pattern, type PatternId, type Seen } from "./pattern.js";
import { poolLeak } from "./pool-leak.js";
import { poolQueue } from "./pool-queue.js";
import { retries } from "./retries.js";
import { timeout } from "./timeout.js";

/** One file each. */
const FINDERS: Readonly<Record<PatternId, (encounter: Encounter) => Seen>> = {
  timeout,
  retries,
  circuit_breaker: circuitBreaker,
  fallback,
  connections,
  pool_queue: poolQueue,
  pool_leak: poolLeak,
};

/** What the service did about a fault. Each pattern says yes or no only where the evidence clears what its file states. */
export function patternsOf(encounter: Encounter): readonly Pattern[] {
  return PATTERN_IDS.map((id) => ({ id, proxy: encounter.proxy, ...FINDERS[id](encounter) }));
}
