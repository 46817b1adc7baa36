import { circuitBreakerPattern } from "./circuit-breaker.js";
import { connectionsPattern } from "./connections.js";
import { fallbackPattern } from "./fallback.js";
import { type Encounter, PATTERN_IDS, type Pattern, type PatternId, type Seen } from "./pattern.js";
import { poolLeakPattern } from "./pool-leak.js";
import { poolQueuePattern } from "./pool-queue.js";
import { retriesPattern } from "./retries.js";
import { timeoutPattern } from "./timeout.js";

/** One file each. */
const FINDERS: Readonly<Record<PatternId, (encounter: Encounter) => Seen>> = {
  timeout: timeoutPattern,
  retries: retriesPattern,
  circuit_breaker: circuitBreakerPattern,
  fallback: fallbackPattern,
  connections: connectionsPattern,
  pool_queue: poolQueuePattern,
  pool_leak: poolLeakPattern,
};

/** What the service did about a fault. Each pattern says yes or no only where the evidence clears what its file states. */
export function patternsOf(encounter: Encounter): readonly Pattern[] {
  return PATTERN_IDS.map((id) => ({ id, proxy: encounter.proxy, ...FINDERS[id](encounter) }));
}
