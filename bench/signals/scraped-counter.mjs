/** A counter as a Prometheus has it: known at its scrapes, and told as a rate over the time before. */

/** @param gained in each second. */
export function scrapedCounter(gained, { everyS, offsetS }) {
  const totals = [0];
  for (const count of gained) totals.push(totals.at(-1) + count);
  const valueAt = (atS) => {
    const second = Math.min(gained.length - 1, Math.floor(atS));
    return Math.floor(totals[second] + (atS - second) * gained[second]);
  };
  return { valueAt, rate };

  /**
   * Prometheus' rate(): what the scrapes in the range show, drawn out to its ends where a scrape is near, and not below 0.
   * @returns null when the range holds fewer than two.
   */
  function rate(atS, rangeS) {
    const firstS = offsetS + everyS * (Math.floor((atS - rangeS - offsetS) / everyS) + 1);
    const lastS = offsetS + everyS * Math.floor((atS - offsetS) / everyS);
    if (lastS <= firstS) return null;
    const [first, last] = [valueAt(firstS), valueAt(lastS)];
    const sampledS = lastS - firstS;
    let beforeS = firstS - (atS - rangeS);
    if (last > first) beforeS = Math.min(beforeS, (sampledS * first) / (last - first));
    const drawnOut = (lengthS) => (lengthS < 1.1 * everyS ? lengthS : everyS / 2);
    const coveredS = sampledS + drawnOut(beforeS) + drawnOut(atS - lastS);
    return ((last - first) * coveredS) / sampledS / rangeS;
  }
}
