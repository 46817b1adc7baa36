import { countOf } from "../../support/count-of.js";
import { formatSeconds } from "../../support/format.js";
import { type Attempt, attemptsOf, attemptsUnder, isCut, requestsForEach, requestsIn } from "./attempts.js";
import { answeredShare, longestMedianWaitS, sentBetween } from "./client-requests.js";
import { type BothSides, type Encounter, type Seen, unknown } from "./pattern.js";
import { spreadOf } from "./spread.js";

/** A pause in which so many requests to the dependency were to be expected is none by chance. */
const FEWEST_HELD_BACK = 8;
/** All pauses of a fault together. */
const FEWEST_IN_ALL = 20;
/** Requests that must have failed just before the first pause, of the last few. */
const LAST_FEW = 10;
const MOSTLY = 0.5;
/** A service that waits for answers sends nothing either: some request is under way then. */
const MOST_WAITING = 0.3;
/** A service or a machine that stood still catches up: so much of what was held back comes at once, within this time. */
const CAUGHT_UP = 0.5;
const AT_ONCE_S = 0.3;
/** While a breaker is open the service still answers. */
const LEAST_ANSWERED = 0.8;
/** And at once. Whoever waits for a service that stands still waits for half of the pause, on average. */
const MOST_WAITED = 0.3;
/** Requests between two pauses: more are no probes. */
const MOST_PROBES = 5;
/** To say that no breaker opened. */
const FEWEST_FAILED = 30;
const GOES_ON = 0.8;
/** Back to normal: so much of what the baseline would send. */
const CLOSED = 0.5;
const LOOK_S = 1;

interface Pause {
  readonly fromS: number;
  readonly untilS: number;
  /** Requests that the baseline would have sent meanwhile. */
  readonly heldBack: number;
}

/** Whether the service stopped asking the dependency while it went on serving its own clients. */
export function circuitBreakerPattern(encounter: Encounter): Seen {
  const { baseline, fault, injectedAtS, removedAtS } = encounter;
  const perRequest = requestsForEach(baseline);
  if (requestsIn(baseline) < FEWEST_IN_ALL)
    return unknown("Too few requests went to it before the fault to miss any.");
  const attempts = attemptsUnder(encounter);
  const failed = attempts.filter(({ isFailed }) => isFailed);
  const [firstFailed] = failed;
  if (firstFailed === undefined)
    return unknown("No request to it failed, so there was no cause to stop asking.");
  const untilS = isCut(fault.upstream) ? (attempts.at(-1)?.startS ?? injectedAtS) : removedAtS;
  const expected = (fromS: number, toS: number) => perRequest * sentBetween(fault.client, fromS, toS);
  /** A standstill may end only after the fault. */
  const after = attemptsOf(encounter.recovery?.upstream ?? []).filter(({ startS }) => startS >= removedAtS);
  const later = [...attempts, ...after];
  const pauses = pausesIn(attempts, firstFailed.endS, untilS, expected).filter(
    (pause) => isOwnDoing(pause, attempts, fault) && !isCaughtUp(pause, later, expected),
  );
  const heldBack = pauses.reduce((sum, pause) => sum + pause.heldBack, 0);
  const [first] = pauses;
  if (first && heldBack >= FEWEST_IN_ALL && hadFailed(attempts, first.fromS))
    return opened(pauses, heldBack, attempts, encounter, perRequest);
  const share = attempts.length / Math.max(1, expected(injectedAtS, untilS));
  if (heldBack < FEWEST_IN_ALL && failed.length >= FEWEST_FAILED && share >= GOES_ON) {
    return {
      seen: "no",
      facts: { failed: failed.length },
      text: `It went on asking after ${countOf(failed.length, "failure")}: no circuit breaker opened.`,
    };
  }
  return unknown("Whether it stops asking cannot be told from what was seen.", { failed: failed.length });
}

function pausesIn(
  attempts: readonly Attempt[],
  fromS: number,
  untilS: number,
  expected: (fromS: number, untilS: number) => number,
): readonly Pause[] {
  const starts = attempts.map(({ startS }) => startS).filter((startS) => startS > fromS);
  const edges = [fromS, ...starts, untilS];
  return edges.slice(1).flatMap((untilEdgeS, at) => {
    const pause = { fromS: edges[at] ?? fromS, untilS: untilEdgeS };
    const heldBack = expected(pause.fromS, pause.untilS);
    return heldBack >= FEWEST_HELD_BACK ? [{ ...pause, heldBack }] : [];
  });
}

function isOwnDoing({ fromS, untilS }: Pause, attempts: readonly Attempt[], { client }: BothSides): boolean {
  const waitedS = Math.max(
    0,
    ...attempts.filter(({ startS }) => startS <= fromS).map(({ endS }) => Math.min(endS, untilS) - fromS),
  );
  const answered = answeredShare(client, fromS, untilS);
  const clientsWaitedS = longestMedianWaitS(client, fromS, untilS);
  if (clientsWaitedS !== null && clientsWaitedS > MOST_WAITED * (untilS - fromS)) return false;
  return waitedS <= MOST_WAITING * (untilS - fromS) && answered !== null && answered >= LEAST_ANSWERED;
}

function isCaughtUp(
  { fromS, heldBack }: Pause,
  attempts: readonly Attempt[],
  expected: (fromS: number, untilS: number) => number,
): boolean {
  const goesOnS = Math.min(...attempts.filter(({ startS }) => startS > fromS).map(({ startS }) => startS));
  const came = attempts.filter(({ startS }) => startS >= goesOnS && startS < goesOnS + AT_ONCE_S).length;
  return came - expected(goesOnS, goesOnS + AT_ONCE_S) >= CAUGHT_UP * heldBack;
}

function hadFailed(attempts: readonly Attempt[], beforeS: number): boolean {
  const last = attempts.filter(({ endS }) => endS <= beforeS).slice(-LAST_FEW);
  return last.filter(({ isFailed }) => isFailed).length >= MOSTLY * last.length;
}

function opened(
  pauses: readonly Pause[],
  heldBack: number,
  attempts: readonly Attempt[],
  { injectedAtS, removedAtS, recovery }: Encounter,
  perRequest: number,
): Seen {
  const [first] = pauses;
  const openedS = (first?.fromS ?? injectedAtS) - injectedAtS;
  const failedFirst = attempts.filter(
    ({ isFailed, startS }) => isFailed && startS <= (first?.fromS ?? 0),
  ).length;
  const probing = spreadOf(
    pauses.flatMap(({ fromS, untilS }, at) => {
      const next = pauses[at + 1];
      if (next === undefined) return [];
      const probes = attempts.filter(({ startS }) => startS >= untilS && startS <= next.fromS).length;
      return probes <= MOST_PROBES ? [untilS - fromS] : [];
    }),
  );
  const closedS = recovery ? closedAfter(recovery, removedAtS, perRequest) : null;
  const sentences = [
    `It stopped asking ${formatSeconds(openedS)} after the fault began, after ${countOf(failedFirst, "failure")}, and held back about ${countOf(Math.round(heldBack), "request")}: a circuit breaker opened.`,
  ];
  if (probing !== null) sentences.push(`It tried again every ${formatSeconds(probing.median)}.`);
  if (closedS !== null) sentences.push(`It was back ${formatSeconds(closedS)} after the fault was gone.`);
  return {
    seen: "yes",
    facts: {
      openedAfterS: tenths(openedS),
      heldBack: Math.round(heldBack),
      probeEveryS: probing === null ? null : tenths(probing.median),
      closedAfterS: closedS === null ? null : tenths(closedS),
    },
    text: sentences.join(" "),
  };
}

/** When the service again asked as much as before. @returns null when it did not, as far as was seen. */
function closedAfter({ client, upstream }: BothSides, removedAtS: number, perRequest: number): number | null {
  const starts = attemptsOf(upstream).map(({ startS }) => startS);
  for (const startS of starts) {
    if (startS < removedAtS) continue;
    const expected = perRequest * sentBetween(client, startS, startS + LOOK_S);
    const came = starts.filter((other) => other >= startS && other < startS + LOOK_S).length;
    if (expected > 0 && came >= CLOSED * expected) return startS - removedAtS;
  }
  return null;
}

const tenths = (seconds: number) => Math.round(seconds * 10) / 10;
