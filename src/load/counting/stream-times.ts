import { OUTCOME } from "../../measure/outcome.js";
import type { StreamNumbers } from "../mix/compiled-mix.js";
import type { Ticket } from "../mix/ticket.js";

/**
 * Counts what was heard of a stream when its request ends: the first byte, the first event, and each time between two
 * events. Of what did not come, the request's end is counted.
 */
export function countStream(
  ticket: Ticket,
  { firstByte, firstEvent, nextEvent }: StreamNumbers,
  outcome: number,
  endedUs: number,
  byGenerator: boolean,
): void {
  const { segment, second, dueUs, lagUs, heard } = ticket;
  const count = (name: number, atUs: number | undefined, sinceUs: number, late: number) =>
    segment.timed(
      second,
      name,
      atUs === undefined ? outcome : OUTCOME.ok,
      (atUs ?? endedUs) - sinceUs,
      late,
      byGenerator,
    );
  const events = heard?.eventsUs ?? [];
  const isGood = outcome === OUTCOME.ok;
  count(firstByte, heard?.firstByteUs, dueUs, lagUs);
  if (!isGood || events.length > 0) count(firstEvent, events[0], dueUs, lagUs);
  for (let i = 1; i < events.length; i++) count(nextEvent, events[i], events[i - 1]!, 0);
  const last = events.at(-1);
  if (!isGood && last !== undefined) count(nextEvent, undefined, last, 0);
}
