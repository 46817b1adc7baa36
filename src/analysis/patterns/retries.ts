import { countOf } from "../../support/count-of.js";
import { formatCount, formatMs } from "../../support/format.js";
import { type Attempt, attemptsOf, attemptsUnder, requestsForEach } from "./attempts.js";
import { sentIn } from "./client-requests.js";
import { type Encounter, type Seen, unknown } from "./pattern.js";
import { type Spread, spreadOf } from "./spread.js";

/** Requests that failed at first, at least: to say that they are tried again, and that none is. */
const FEWEST_SEEN = 5;
const FEWEST_UNSEEN = 10;
/** Share of the failed requests that are tried again. Between the two nothing is said. */
const SOME = 0.3;
const HARDLY_ANY = 0.05;
/** The same request so often in the baseline, on average, and those of many clients look alike. */
const ALIKE = 1.2;
/** Waits before later attempts, compared with the one before. */
const LONGER = 1.5;
const AS_LONG = 1.3;
/** Waits that lie further apart are made so, in seconds or as a share of the wait. */
const JITTER_S = 0.015;
const JITTER_SHARE = 0.25;
/** Timers may end early by as much as clocks differ. */
const EARLY_S = 0.02;
/** For requests that look alike: so many attempts for each request of the load, compared with the baseline. */
const MORE = 1.3;
const FEWEST_EXCESS = 20;

/** Whether a failed request to the dependency is sent again, how often and after what time. */
export function retriesPattern(encounter: Encounter): Seen {
  const attempts = attemptsUnder(encounter);
  const failed = attempts.filter(({ isFailed }) => isFailed).length;
  if (failed === 0) return unknown("No request to it failed, so there was nothing to try again.");
  const chains = chainsOf(attempts);
  if (areAlike(attemptsOf(encounter.baseline.upstream))) return ofRequestsThatLookAlike(encounter, failed);
  const met = chains.filter(([first]) => first?.isFailed);
  const again = met.filter((chain) => chain.length > 1);
  const share = met.length === 0 ? 0 : again.length / met.length;
  if (again.length >= FEWEST_SEEN && share >= SOME) return seen(again, met.length, encounter);
  if (met.length >= FEWEST_UNSEEN && share <= HARDLY_ANY) {
    return {
      seen: "no",
      facts: { failed: met.length, requests: again.length },
      text: noneText(met.length, again.length),
    };
  }
  return unknown(unclearText(met.length, again.length), { failed: met.length, requests: again.length });
}

function noneText(failed: number, again: number): string {
  const requests = countOf(failed, "request");
  if (again === 0) return `${requests} failed, and none was tried again.`;
  return `${requests} failed, and hardly any was tried again (${formatCount(again)} of ${formatCount(failed)}).`;
}

function unclearText(failed: number, again: number): string {
  const counts = `${countOf(failed, "request")} to it failed, and ${formatCount(again)} ${again === 1 ? "was" : "were"} tried again`;
  const isBetween = failed >= FEWEST_UNSEEN && again / failed < SOME;
  return isBetween
    ? `${counts}: too many for a service that does not try again, and too small a share for one that does.`
    : `${counts}: too few to tell.`;
}

/** Attempts of the same request, one after another: what overlaps or follows a good answer is another request. */
function chainsOf(attempts: readonly Attempt[]): readonly (readonly Attempt[])[] {
  const chains: Attempt[][] = [];
  const open = new Map<number, Attempt[]>();
  for (const attempt of attempts) {
    const chain = open.get(attempt.digest);
    const last = chain?.at(-1);
    if (chain && last?.isFailed && attempt.startS >= last.endS - EARLY_S) chain.push(attempt);
    else {
      const fresh = [attempt];
      chains.push(fresh);
      open.set(attempt.digest, fresh);
    }
  }
  return chains;
}

function areAlike(baseline: readonly Attempt[]): boolean {
  const different = new Set(baseline.map(({ digest }) => digest)).size;
  return different === 0 || baseline.length / different > ALIKE;
}

function seen(again: readonly (readonly Attempt[])[], failed: number, encounter: Encounter): Seen {
  const lengths = again.map((chain) => chain.length).toSorted((a, b) => a - b);
  const most = lengths.at(-1) ?? 0;
  const waits = waitsOf(again, most);
  const [first] = waits;
  const backsOff = backoffOf(waits);
  const { before, during } = perRequest(encounter);
  const hasJitter = first ? first.quarters > Math.max(JITTER_S, JITTER_SHARE * first.median) : null;
  const early = earlyShare(again, encounter.retryAfterS);
  const unsafe = again.filter(([one]) => one && /^(POST|PATCH) /.test(one.route) && !one.hasIdempotencyKey);
  const times = most === 2 ? "once" : most === 3 ? "up to twice" : `up to ${most - 1} times`;
  const sentences = [
    `A failed request is tried again ${times}, ${spacingText(waits, backsOff)} (${formatCount(again.length)} of ${formatCount(failed)}).`,
  ];
  if (before > 0 && during >= MORE * before) sentences.push(moreText(before, during));
  if (hasJitter === false && again.length >= FEWEST_UNSEEN)
    sentences.push("All wait equally long, so those that failed together come back together.");
  if (early !== null && early > 1 - SOME)
    sentences.push(`It does not wait as long as Retry-After says (${encounter.retryAfterS} s).`);
  if (unsafe.length > 0) {
    sentences.push(`${withoutKeyText(unsafe)}: what was done but not answered may be done twice.`);
  }
  return {
    seen: "yes",
    facts: {
      retries: most - 1,
      perRequestBefore: rounded(before),
      perRequest: rounded(during),
      requests: again.length,
      failed,
      waitMs: waits.map(({ median }) => Math.round(median * 1000)),
      backsOff,
      hasJitter,
      unsafe: unsafe.length,
    },
    text: sentences.join(" "),
  };
}

function withoutKeyText(unsafe: readonly (readonly Attempt[])[]): string {
  const [route, ...others] = new Set(unsafe.flatMap(([one]) => (one ? [one.route] : [])));
  return others.length === 0
    ? `${route} has no Idempotency-Key`
    : `Requests of ${others.length + 1} routes have no Idempotency-Key`;
}

/** From the end of each attempt to the start of the next, by their place. Those that only few requests came to are left out. */
function waitsOf(again: readonly (readonly Attempt[])[], most: number): readonly Spread[] {
  const waits: Spread[] = [];
  for (let place = 1; place < most; place += 1) {
    const spread = spreadOf(
      again.flatMap((chain) => {
        const [before, after] = [chain[place - 1], chain[place]];
        return before && after ? [Math.max(0, after.startS - before.endS)] : [];
      }),
    );
    if (spread !== null && spread.count >= FEWEST_SEEN) waits.push(spread);
  }
  return waits;
}

/** @returns null when there are too few attempts, or their waits say neither. */
function backoffOf(waits: readonly Spread[]): boolean | null {
  if (waits.length < 2) return null;
  const ratios = waits.slice(1).map((wait, at) => wait.median / Math.max(waits[at]?.median ?? 0, 0.001));
  if (ratios.every((ratio) => ratio >= LONGER)) return true;
  return ratios.every((ratio) => ratio < AS_LONG) ? false : null;
}

function spacingText(waits: readonly Spread[], backsOff: boolean | null): string {
  const times = waits.map(({ median }) => formatMs(median * 1000));
  const [first = "at once"] = times;
  if (backsOff === null) return `${first} later`;
  return backsOff ? `after ${times.join(", then ")} (it backs off)` : `${first} apart, without backing off`;
}

/** Share of the first retries that came before Retry-After had passed. @returns null when nothing asked for it. */
function earlyShare(again: readonly (readonly Attempt[])[], retryAfterS: number | null): number | null {
  if (retryAfterS === null) return null;
  const early = again.filter(([one, two]) => one && two && two.startS - one.endS < retryAfterS - EARLY_S);
  return early.length / again.length;
}

/** Only how many there are tells something then. */
function ofRequestsThatLookAlike(encounter: Encounter, failed: number): Seen {
  const { before, during, sent } = perRequest(encounter);
  const excess = (during - before) * sent;
  const facts = { perRequestBefore: rounded(before), perRequest: rounded(during), failed };
  if (before > 0 && during >= MORE * before && excess >= FEWEST_EXCESS) {
    const text = `What fails is tried again. ${moreText(before, during)} How long it waits cannot be told, as its requests look alike.`;
    return { seen: "yes", facts, text };
  }
  return unknown(
    `Whether what fails is tried again cannot be told: its requests look alike, and there are no more of them than before.`,
    facts,
  );
}

/** Requests to the dependency for each request of the load. */
function perRequest({ baseline, fault }: Encounter) {
  return {
    before: requestsForEach(baseline),
    during: requestsForEach(fault),
    sent: sentIn(fault.client),
  };
}

function moreText(before: number, during: number): string {
  return `Each request of the load makes ${during.toFixed(1)} instead of ${before.toFixed(1)}: more work for a dependency that fails already.`;
}

const rounded = (value: number) => Math.round(value * 100) / 100;
