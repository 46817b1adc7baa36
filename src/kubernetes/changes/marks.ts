/** What tells an object that a run has made from all others. */

import type { ClusterObject } from "../objects.js";

/** The label by which what faultline has made is found. */
export const MANAGED_BY = "app.kubernetes.io/managed-by";
export const FAULTLINE = "faultline";

/** Annotations. */
export const RUN = "faultline/run";
const UNTIL = "faultline/until";
export const DEEDS = "faultline/deeds";

/** An object with the marks of its run. @param until after it the run has given no sign of life, and anybody may remove it. */
export function marked(object: ClusterObject, run: string, until: Date): ClusterObject {
  const { metadata } = object;
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, [MANAGED_BY]: FAULTLINE },
      annotations: { ...metadata.annotations, [RUN]: run, [UNTIL]: until.toISOString() },
    },
  };
}

export function runOf({ metadata }: ClusterObject): string | null {
  return metadata.annotations?.[RUN] ?? null;
}
