import type { Profile } from "./load-plan.js";

/** The profile's value at a time since load began. */
export function profileAt(profile: Profile, atMs: number): number {
  let value = profile.startValue;
  let begin = 0;
  for (const { kind, durationMs, to } of profile.stages) {
    if (atMs < begin + durationMs) {
      return kind === "step" ? to : value + ((to - value) * (atMs - begin)) / durationMs;
    }
    value = to;
    begin += durationMs;
  }
  return value;
}

/** The greatest value that the profile ever has. */
export function peakOf({ startValue, stages }: Profile): number {
  // A step that begins at once leaves the start value no time.
  const first = stages[0]?.kind === "step" ? [] : [startValue];
  return Math.max(...first, ...stages.map(({ to }) => to));
}

/** Integral over [fromMs, toMs) of a rate per second: how many are due. */
export function dueBetween(profile: Profile, fromMs: number, toMs: number): number {
  let total = 0;
  let value = profile.startValue;
  let begin = 0;
  const add = (from: number, to: number, at: (ms: number) => number) => {
    const start = Math.max(from, fromMs);
    const end = Math.min(to, toMs);
    // The trapezoid is exact, because the value is linear within a stage.
    if (end > start) total += ((at(start) + at(end)) / 2) * ((end - start) / 1000);
  };
  for (const { kind, durationMs, to } of profile.stages) {
    const [from, first, length] = [begin, value, durationMs];
    add(from, from + length, (ms) => (kind === "step" ? to : first + ((to - first) * (ms - from)) / length));
    value = to;
    begin += durationMs;
  }
  const last = value;
  add(begin, Number.POSITIVE_INFINITY, () => last);
  return total;
}
