/** What one pod has counted since it was started. */
export type PodCounts = { readonly requests: number; readonly [what: string]: number };

/**
 * What came to all pods between two looks, each by the pod's name. A pod that is new, or was started again, began at 0.
 * @param none a count of nothing: its keys are those that are added up.
 */
export function countedSince<Counts extends PodCounts>(
  before: ReadonlyMap<string, Counts>,
  after: ReadonlyMap<string, Counts>,
  none: Counts,
): Counts {
  const total: Record<string, number> = {};
  for (const [pod, now] of after) {
    const then = before.get(pod) ?? none;
    const from: PodCounts = now.requests < then.requests ? none : then;
    for (const key of Object.keys(none)) {
      total[key] = (total[key] ?? 0) + (now[key] ?? 0) - (from[key] ?? 0);
    }
  }
  return { ...none, ...total };
}
