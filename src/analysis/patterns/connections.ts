import type { HttpTraffic } from "../../faults/http-traffic.js";
import { countOf } from "../../support/count-of.js";
import { type Encounter, type Seen, unknown } from "./pattern.js";

/** In one second: fewer connections are no storm. */
const FEWEST_AT_ONCE = 20;
const TIMES_AS_MANY = 5;

/** Whether the service opens far more connections to the dependency than before, while the fault is on or when it is gone. */
export function connectionsPattern({ baseline, fault, recovery }: Encounter): Seen {
  const before = mostOpened(baseline.upstream);
  const during = mostOpened(fault.upstream);
  const after = recovery ? mostOpened(recovery.upstream) : 0;
  const facts = { mostPerSBefore: before, mostPerS: during, mostPerSAfter: after };
  const isStorm = (opened: number) =>
    opened >= FEWEST_AT_ONCE && opened >= TIMES_AS_MANY * Math.max(1, before);
  if (!isStorm(during) && !isStorm(after)) {
    return recovery === null
      ? unknown("Nothing was seen of the time after the fault.", facts)
      : { seen: "no", facts, text: "It opened no storm of connections." };
  }
  const when = isStorm(after) && after >= during ? "when the fault was gone" : "while the fault was on";
  const most = Math.max(during, after);
  return {
    seen: "yes",
    facts,
    text: `It opened ${countOf(most, "connection")} in one second ${when}, and at most ${before} in one second before: a storm of connections.`,
  };
}

function mostOpened(stretches: readonly HttpTraffic[]): number {
  return Math.max(0, ...stretches.flatMap(({ seconds }) => seconds.opened));
}
