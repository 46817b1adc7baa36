import { countOf } from "../../support/count-of.js";
import { formatMs, formatRatio } from "../../support/format.js";
import { attemptsOf, isCut } from "./attempts.js";
import { type Encounter, type Seen, unknown } from "./pattern.js";
import { medianWaitMs } from "./waits-of-clients.js";
import { bothIn, wholeSeconds } from "./whole-seconds.js";

/** Until then a service may still work off what waited under the fault. */
const SETTLED_AFTER_S = 2;
const SHORTEST_S = 2;
/** Requests that should have come. Of fewer, most may be missing by chance. */
const FEWEST = 20;
/** Shares of what should have come. */
const MISSING = 0.5;
const WHOLE = 0.8;
/** Times the wait of the baseline, and at least this long: a circuit breaker that stays open makes nobody wait. */
const WAITS = 5;
const WAITS_MS = 200;

/** Whether connections that the service used under the fault never came back to it. */
export function poolLeakPattern({ baseline, fault, recovery, removedAtS }: Encounter): Seen {
  if (recovery === null) return unknown("Nothing was seen of the time after the fault.");
  const { client, upstream } = recovery;
  const fromS = removedAtS + SETTLED_AFTER_S;
  const untilS = client.startS + client.durationS;
  const [usually, now] = [bothIn(baseline), bothIn(recovery, fromS, untilS)];
  const expected = (now.sent * usually.requests) / Math.max(1, usually.sent);
  const seconds = wholeSeconds(upstream, fromS, untilS);
  if (seconds.length < SHORTEST_S || usually.requests < FEWEST || expected < FEWEST)
    return unknown("Too few requests would have come after the fault.");

  const open = seconds.at(-1)?.open ?? 0;
  const before = Math.max(0, ...baseline.upstream.flatMap(({ seconds }) => seconds.open));
  const used = new Set(
    attemptsOf(upstream)
      .filter(({ endS }) => endS > fromS)
      .map(({ connection }) => connection),
  ).size;
  const usedBefore = new Set(attemptsOf(fault.upstream).map(({ connection }) => connection)).size;
  const silent = Math.max(0, open - used);
  const share = now.requests / expected;
  const facts = {
    silentConnections: silent,
    openBefore: before,
    open,
    requestsOfExpected: Math.round(share * 100) / 100,
  };
  if (share >= WHOLE) {
    return isCut(upstream) || (silent > 0 && open > before)
      ? unknown(
          "As many requests came as before; whether idle connections are spare or lost cannot be told.",
          facts,
        )
      : { seen: "no", facts, text: "No connection was lost: as many requests came as before." };
  }
  const [usual, waited] = [medianWaitMs(baseline.client), medianWaitMs(client)];
  const isWaiting = usual !== null && waited !== null && waited >= Math.max(WAITS * usual, WAITS_MS);
  if (share > MISSING || silent === 0 || silent > usedBefore || !isWaiting)
    return unknown("Fewer requests came than before; that connections were lost was not seen.", facts);
  return {
    seen: "yes",
    facts,
    text:
      `${countOf(silent, "connection")} never came back after the fault: they stayed open and carried nothing, ${formatRatio(share)} of the usual requests came, ` +
      `and half of the load waited ${formatMs(waited)} or longer.${now.requests === 0 ? " The service may also hang." : ""}`,
  };
}
