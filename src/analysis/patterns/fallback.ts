import { PhaseView } from "../measurement/phase-view.js";
import { degradedWords } from "../wording/degraded.js";
import { attemptsUnder, goodAnswers, isCut, requestsForEach } from "./attempts.js";
import { degradedIn, goodIn, goodSharesByName, sentIn } from "./client-requests.js";
import { type Encounter, type Seen, unknown } from "./pattern.js";

/** Requests of the load, at least, before shares of them say something. */
const FEWEST = 20;
/** Share of the requests that were answered well without the dependency. Between the two nothing is said. */
const SOME = 0.2;
const HARDLY_ANY = 0.05;
/** Share of the answers that say that they are a fallback: requests that went unserved here must explain as many. */
const EXPLAINED = 0.5;

/** Whether the service answers well where the dependency did not. */
export function fallbackPattern(encounter: Encounter): Seen {
  const { baseline, fault } = encounter;
  const sent = sentIn(fault.client);
  const perRequest = requestsForEach(baseline);
  if (sent < FEWEST || perRequest === 0) return unknown("Too little was asked to tell.");
  /** Of the requests, those that need the dependency, and those that it served. */
  const needing = Math.min(1, perRequest);
  const answers = isCut(fault.upstream)
    ? goodAnswers(fault.upstream)
    : attemptsUnder(encounter).filter(({ isFailed }) => !isFailed).length;
  const served = Math.min(needing, answers / (sent * Math.max(1, perRequest)));
  const unserved = needing - served;
  const declared = degradedAnswers(encounter, unserved);
  if (declared !== null) return declared;
  if (unserved < SOME) return unknown("The dependency still answered nearly all that it was asked.");
  const good = goodIn(fault.client) / sent;
  const without = Math.max(0, good - (1 - needing) - served);
  const facts = { goodWithout: rounded(without), unserved: rounded(unserved) };
  if (without >= SOME && areAllOrNone(goodSharesByName(fault.client))) {
    const text =
      "All requests of some names failed, and hardly any of the others: these may need no answer of it. Whether there is a fallback cannot be told.";
    return unknown(text, facts);
  }
  if (without >= SOME) {
    const text = `${percent(without / unserved)} of the requests that it could not serve were answered well all the same: the service falls back on something else, or does the work later.`;
    return { seen: "yes", facts, text };
  }
  if (without <= HARDLY_ANY) {
    return { seen: "no", facts, text: "What it could not serve failed: there is no fallback." };
  }
  return unknown("Whether there is a fallback cannot be told from what was seen.", facts);
}

/**
 * Whether requests of a name are either good or not, and there are both. A name that never needs the dependency looks the same
 * then as one with a fallback, as how often each name asks is not seen.
 */
function areAllOrNone(goodShares: readonly number[]): boolean {
  const bad = goodShares.filter((share) => share <= HARDLY_ANY).length;
  const good = goodShares.filter((share) => share >= 1 - HARDLY_ANY).length;
  return bad > 0 && good > 0 && bad + good === goodShares.length;
}

/** Answers that say it themselves leave no doubt. @returns null where none does, beyond those of the baseline. */
function degradedAnswers({ baseline, fault }: Encounter, unserved: number): Seen | null {
  const sent = sentIn(fault.client);
  const degraded = degradedIn(fault.client) ?? 0;
  const share = degraded / sent;
  const before = (degradedIn(baseline.client) ?? 0) / Math.max(1, sentIn(baseline.client));
  if (share <= before || unserved < EXPLAINED * (share - before)) return null;
  const times = new PhaseView(fault.client).degradedLatencies(null);
  const { facts, text } = degradedWords(
    { answers: degraded, due: sent, before },
    (q) => times?.quantile(q) ?? null,
  );
  return {
    seen: "yes",
    facts: { ...facts, unserved: rounded(unserved) },
    text: `The service falls back: ${text}`,
  };
}

const rounded = (share: number) => Math.round(share * 1000) / 1000;
const percent = (share: number) => `${Math.round(Math.min(1, share) * 100)} %`;
