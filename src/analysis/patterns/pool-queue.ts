import { formatMs } from "../../support/format.js";
import { median } from "../statistics/median.js";
import { type Attempt, attemptsOf, isCut } from "./attempts.js";
import { inFlight } from "./in-flight.js";
import { type Encounter, type Seen, unknown } from "./pattern.js";
import { medianWaitMs } from "./waits-of-clients.js";
import { bothIn } from "./whole-seconds.js";

/** Until then what was under way before the fault has ended, and a pool has filled. */
const SETTLED_AFTER_S = 1;
const SHORTEST_S = 3;
const FEWEST = 20;
/** Share of the time in which no place was free. Without a pool, the most at once are so many for a moment only. */
const ALWAYS_FULL = 0.5;
/** Times as many requests to the dependency, for each of the load, as in the baseline. Fewer: some did not get their turn. */
const HELD_BACK = 0.9;
/** Times what the dependency and the service need for an answer, and this on top of it: the rest was spent waiting. */
const LONGER = 1.5;
const LONGER_MS = 50;
const NOT_LONGER = 1.3;
/** Times as long in the second half of the fault as in the first: the dependency itself has a queue. */
const GROWN = 1.5;

/** Whether the service's requests wait for one of a few connections to the dependency. */
export function poolQueuePattern(encounter: Encounter): Seen {
  const { baseline, fault, recovery, injectedAtS, removedAtS } = encounter;
  const attempts = attemptsOf([...fault.upstream, ...(recovery?.upstream ?? [])]);
  const fromS = injectedAtS + SETTLED_AFTER_S;
  const lastKeptS = attemptsOf(fault.upstream).reduce((last, { endS }) => Math.max(last, endS), fromS);
  const untilS = isCut(fault.upstream) ? Math.min(removedAtS, lastKeptS) : removedAtS;
  const ended = attempts.filter(({ endS }) => endS > fromS && endS <= untilS);
  if (untilS - fromS < SHORTEST_S || ended.length < FEWEST)
    return unknown("Too few requests to it ended under the fault to see a queue for them.");
  const [before, waited] = [medianWaitMs(baseline.client), medianWaitMs(fault.client)];
  if (before === null || waited === null) return unknown("How long the load waited was not counted.");

  const [usually, now] = [bothIn(baseline), bothIn(fault, fromS, untilS)];
  if (usually.requests < FEWEST || now.sent < FEWEST)
    return unknown("Too few requests went through the service to tell what held them up.");
  const eachBefore = usually.requests / Math.max(1, usually.sent);
  const held = now.requests / (now.sent * eachBefore);
  const answerMs = medianMs(ended);
  const neededMs = answerMs * Math.max(1, eachBefore) + before;
  const middleS = (fromS + untilS) / 2;
  const halves = [
    { own: ended.filter(({ endS }) => endS <= middleS), atOnce: inFlight(attempts, fromS, middleS) },
    { own: ended.filter(({ endS }) => endS > middleS), atOnce: inFlight(attempts, middleS, untilS) },
  ] as const;
  const whole = inFlight(attempts, fromS, untilS);
  const [first, second] = halves;
  const facts = {
    atOnce: whole?.ceiling ?? 0,
    fullShare: rounded(whole?.atCeiling ?? 0),
    answerP50Ms: Math.round(answerMs),
    clientP50Ms: Math.round(waited),
    requestsOfBefore: rounded(held),
  };
  if (waited <= NOT_LONGER * neededMs + LONGER_MS && held >= HELD_BACK) {
    return { seen: "no", facts, text: "Its requests waited for no connection." };
  }
  const isLong = waited > LONGER * neededMs + LONGER_MS;
  const isFull =
    whole !== null &&
    whole.atCeiling >= ALWAYS_FULL &&
    first.atOnce?.ceiling === whole.ceiling &&
    second.atOnce?.ceiling === whole.ceiling;
  if (!isLong || !isFull || held > HELD_BACK)
    return unknown("Whether its requests waited for a connection cannot be told from what was seen.", facts);
  if (first.own.length === 0 || medianMs(second.own) > GROWN * medianMs(first.own))
    return unknown("The dependency's own answers took longer and longer.", facts);
  return {
    seen: "yes",
    facts,
    text:
      `Its requests wait for a connection: ${whole.ceiling} ${whole.ceiling === 1 ? "was" : "were"} under way nearly all the time, and never more; ` +
      `half of the load waited ${formatMs(waited)} or longer, for answers that took ${formatMs(answerMs)}.`,
  };
}

function medianMs(attempts: readonly Attempt[]): number {
  return median(attempts.map(({ startS, endS }) => (endS - startS) * 1000));
}

function rounded(share: number): number {
  return Math.round(share * 100) / 100;
}
