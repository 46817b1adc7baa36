import { countOf } from "../../support/count-of.js";
import { formatMs } from "../../support/format.js";
import { attemptsUnder } from "./attempts.js";
import { type Encounter, type Seen, unknown } from "./pattern.js";
import { spreadOf } from "./spread.js";

/** Fewer may have been given up for many reasons. */
const FEWEST = 5;
/** Timers of one length end this close to each other: in seconds, or as a share of the length. */
const ALIKE_S = 0.03;
const ALIKE_SHARE = 0.15;
/**
 * However short they are. A busy machine reads many requests so late that their ends follow at once: what is left of
 * their times is short, and says nothing.
 */
const MOST_APART_SHARE = 0.5;
/** Shorter times are left of requests that were all seen late. No service waits for so short a time. */
const SHORTEST_S = 0.01;
/** A service without a timeout of its own gives up when the client that waits for it does. */
const OWN_SHARE = 0.9;

/** Timeouts that are worth having are met by answers that take as long. */
const LONG_S = 1;

/** The time after which the service gives up a request to the dependency. */
export function timeoutPattern(encounter: Encounter): Seen {
  const { clientTimeoutS } = encounter;
  const attempts = attemptsUnder(encounter);
  const took = (end: "given_up" | "answered") =>
    attempts.filter((attempt) => attempt.end === end).map(({ startS, endS }) => endS - startS);
  const givenUp = spreadOf(took("given_up"));
  if (givenUp !== null && givenUp.count >= FEWEST) {
    const { median, high, count } = givenUp;
    // A busy machine sees the begin of a request late, and its end seldom early: the longer times are the truer ones.
    const mostApart = Math.min(Math.max(ALIKE_S, ALIKE_SHARE * high), MOST_APART_SHARE * high);
    if (high - median > mostApart)
      return unknown(`${countOf(count, "request")} to it were given up, after times that differ.`);
    if (high < SHORTEST_S)
      return unknown(
        `${countOf(count, "request")} to it were given up as soon as they were seen: a busy machine has seen them late.`,
      );
    if (high >= OWN_SHARE * clientTimeoutS)
      return unknown(
        `${countOf(count, "request")} to it were given up after ${formatMs(high * 1000)}, as long as the load itself waits.`,
      );
    return {
      seen: "yes",
      facts: { timeoutMs: Math.round(high * 1000), requests: count },
      text: `It gives up after ${formatMs(high * 1000)} (${countOf(count, "request")}).`,
    };
  }
  if (givenUp !== null)
    return unknown(
      `Only ${countOf(givenUp.count, "request")} to it ${givenUp.count === 1 ? "was" : "were"} given up: too few to say after what time.`,
    );
  const longestS = Math.max(0, ...took("answered"));
  if (longestS < LONG_S) return unknown("No answer took long enough to meet a timeout.");
  return {
    seen: "no",
    facts: { waitedMs: Math.round(longestS * 1000) },
    text: `It waited up to ${formatMs(longestS * 1000)} for an answer and gave none up: no timeout of its own was seen.`,
  };
}
