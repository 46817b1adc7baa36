import type { Ticket } from "../mix/ticket.js";
import { countStream } from "./stream-times.js";

/** Whether the step may be asked again, when its answer came then. */
export function mayAskAgain({ user }: Ticket, endedUs: number): boolean {
  const { asksAgain } = user.sequence.steps[user.step]!;
  if (asksAgain === null || user.clock === null) return false;
  return endedUs + asksAgain.everyUs <= user.clock.askedSinceUs + asksAgain.withinUs;
}

/**
 * Counts what has ended with a step: its stream, the wait for an answer that holds, and the journey. All are counted in the second
 * in which their last request was due, as that has the last word on them.
 * @param reason why the step failed. null: it was good, and another follows if there is one.
 */
export function countStepEnd(
  ticket: Ticket,
  outcome: number,
  endedUs: number,
  reason: string | null,
  byGenerator = false,
): void {
  const { user, segment, second, lagUs } = ticket;
  const { clock, sequence } = user;
  if (clock === null) return;
  clock.lagUs += lagUs;
  const { asksAgain, label, stream } = sequence.steps[user.step]!;
  if (stream !== null) countStream(ticket, stream, outcome, endedUs, byGenerator);
  const { timed } = sequence;
  if (asksAgain !== null) {
    clock.askedLagUs += lagUs;
    const waitedUs = endedUs - clock.askedSinceUs;
    segment.timed(second, asksAgain.timed, outcome, waitedUs, clock.askedLagUs, byGenerator);
    if (reason !== null) segment.reason(asksAgain.timed, reason);
    clock.asked();
  }
  if (reason === null && user.step + 1 < sequence.steps.length) {
    clock.thoughtUs += ticket.thinkTimeUs;
    return;
  }
  // A request of the mix.
  if (timed === null) return;
  const tookUs = endedUs - clock.beganUs - clock.thoughtUs;
  if (reason !== null) segment.reason(timed, `${label}: ${reason}`);
  segment.timed(second, timed, outcome, tookUs, clock.lagUs, byGenerator);
}
