import { CLOSED_IDLE } from "../../measure/outcome.js";
import { countOf } from "../../support/count-of.js";

/** What to do about requests that were sent on connections that the service was just closing; null: there were none. */
export function idleCloses(reasons: Readonly<Record<string, number>>): string | null {
  const count = reasons[CLOSED_IDLE] ?? 0;
  if (count === 0) return null;
  const met =
    count === 1
      ? "was sent on an idle connection just as the service closed it"
      : "were sent on idle connections just as the service closed them";
  return `${countOf(count, "request")} ${met}: set keepAlive: false under load, or let the service keep idle connections open for longer.`;
}
