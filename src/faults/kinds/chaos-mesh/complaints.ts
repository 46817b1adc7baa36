/** What of a `spec` for Chaos Mesh would act on more than was meant, or against faultline. Its API server checks the rest. */

import type { Complaint } from "../../../notation/complaint.js";
import { isMap, type ValidParts } from "../../../quantities/valid-parts.js";
import { SELECTOR_PATHS } from "./chaos-action.js";
import type { ChaosInput } from "./input.js";

/** Parts of a selector that choose among the pods of a namespace. */
const CHOOSING = [
  "labelSelectors",
  "expressionSelectors",
  "annotationSelectors",
  "fieldSelectors",
  "pods",
] as const;

/** Keys of a spec that are not the user's, with why. */
const NOT_HERE: readonly (readonly [string, string, string])[] = [
  [
    "duration",
    "`duration` is set by faultline, so that the cluster ends the fault where faultline cannot",
    "Say how long the fault lasts with `duration` beside `chaosMesh`, or with phases.fault.",
  ],
  [
    "remoteCluster",
    "`remoteCluster` acts in another cluster, where faultline sees and undoes nothing",
    "Run the scenario against that cluster.",
  ],
  ["scheduler", "`scheduler` repeats a fault, which faultline does itself", "Use `repeat`, or `stages`."],
];

export function checkChaos({ spec }: ValidParts<ChaosInput>): readonly Complaint[] {
  if (spec === undefined) return [];
  const complaints: Complaint[] = [];
  for (const [key, message, help] of NOT_HERE) {
    if (key in spec)
      complaints.push({ code: "conflict", path: ["chaosMesh", "spec", key], at: "key", message, help });
  }
  for (const way of SELECTOR_PATHS) {
    const path = ["chaosMesh", "spec", ...way];
    const selector = within(spec, way);
    if (selector === undefined) {
      if (way.length > 1) continue;
      const help = 'For example selector: { labelSelectors: { app: payments } }, beside mode: "all".';
      const message = "which pods are meant? A `selector` is missing";
      complaints.push({ code: "wrong-value", path: ["chaosMesh", "spec"], at: "key", message, help });
    } else if (!isMap(selector) || !CHOOSING.some((key) => isSaid(selector[key]))) {
      const message = "this chooses every pod of the namespace";
      const help = `Choose among them by one of ${CHOOSING.join(", ")}.`;
      complaints.push({ code: "wrong-value", path, at: "key", message, help });
    }
  }
  return complaints;
}

function isSaid(part: unknown): boolean {
  return Array.isArray(part) ? part.length > 0 : isMap(part) && Object.keys(part).length > 0;
}

function within(value: unknown, way: readonly string[]): unknown {
  return way.reduce<unknown>((inner, key) => (isMap(inner) ? inner[key] : undefined), value);
}
