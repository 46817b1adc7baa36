/** A service whose own counters disagree with what the load has seen. */

import { formatCount, formatRatio } from "../../support/format.js";
import type { PhaseView } from "../measurement/phase-view.js";
import { harWilson, sum } from "../statistics/intervals.js";
import { type Told, told } from "./finding.js";

/** Counts that are farther apart are of other things than the load's requests. */
const MOST_APART = 0.3;
/** A difference of shares that is worth a word. */
const LEAST_DIFFERENCE = 0.02;

/** One for each signal that counted about as many as the load sent, and another share of bad ones. */
export function disagreeingSignals(view: PhaseView): Told[] {
  return (view.record.signals ?? []).flatMap(({ signal }) => disagreement(signal, view) ?? []);
}

function disagreement(name: string, seen: PhaseView): Told | null {
  const reading = seen.signal(name);
  const counts = reading?.counts ?? null;
  if (reading === null || counts === null || reading.troubles.length > 0) return null;
  const load = seen.failures(null);
  const due = sum(load.due);
  const counted = sum(counts.due);
  // The load's requests that came in the time that the samples are of.
  const part = due > 0 && load.due.length > 0 ? (reading.atS.length * reading.everyS) / load.due.length : 0;
  if (part <= 0 || counted <= 0 || Math.abs(counted - due * part) > MOST_APART * due * part) return null;
  const [theirs, ours] = [harWilson(counts, 95), harWilson(load, 95)];
  const isApart = theirs.upper < ours.lower || ours.upper < theirs.lower;
  if (!isApart || Math.abs(theirs.share - ours.share) < LEAST_DIFFERENCE) return null;
  const bad = { signal: Math.round(sum(counts.bad)), load: sum(load.bad) };
  const facts = {
    signal: name,
    signalBad: bad.signal,
    signalTotal: Math.round(counted),
    loadBad: bad.load,
    loadDue: due,
  };
  const which =
    theirs.share < ours.share
      ? "It counts as good what callers saw fail"
      : "It counts as bad what callers saw succeed";
  return told(
    `"${name}" disagrees with the load: it counted ${formatCount(bad.signal)} of ${formatCount(counted)} as bad (${formatRatio(theirs.share)}), ` +
      `and callers saw ${formatCount(bad.load)} of ${formatCount(due)} fail (${formatRatio(ours.share)}). ${which}.`,
    facts,
  );
}
