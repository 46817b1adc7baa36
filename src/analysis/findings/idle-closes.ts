import { CLOSED_IDLE } from "../../measure/outcome.js";
import { countOf } from "../../support/count-of.js";

/**
 * Advice on requests that went out on connections which the service was just closing. @returns null when there were
 * none.
 */
export function idleCloses(reasons: Readonly<Record<string, number>>): string | null {
  const count = reasons[CLOSED_IDLE] ?? 0;
  if (count === 0) return null;
  const met =
    count === 1
      ? "was sent on an idle connection just as the service closed it"
      : "were sent on idle connections just as the service closed them";
  return `${countOf(count, "request")} ${met}: set keepAlive: false under load, or let the service keep idle connections open for longer.`;
}
