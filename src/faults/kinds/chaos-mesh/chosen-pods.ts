/** Which pods a PodChaos of Chaos Mesh chooses. */

import { type LabelExpression, labelsMatch } from "../../../kubernetes/label-selector.js";
import { isMap } from "../../../quantities/valid-parts.js";
import type { ChaosSpec } from "./chaos-action.js";
import { chosenNamespaces } from "./chosen-namespaces.js";

interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Whether it may have restarted containers of this pod or made it unready. `mode: one` and selectors by node, field, annotation
 * or phase choose among these: nobody has noted which, so each of them counts.
 */
export function podChaosChose({ namespace, spec }: ChaosSpec, pod: Pod): boolean {
  // It deletes pods. Those that take their place are others, and nothing is done to them.
  if (spec.action === "pod-kill") return false;
  const named = chosenNamespaces(spec).map(({ name }) => name);
  if (!(named.length === 0 ? [namespace] : named).includes(pod.namespace)) return false;
  const { selector } = spec;
  if (!isMap(selector)) return true;
  const { pods, labelSelectors: matchLabels, expressionSelectors } = selector;
  // Pods that are named are chosen by nothing else.
  if (isMap(pods) && Object.keys(pods).length > 0) {
    const names = pods[pod.namespace];
    return Array.isArray(names) && names.includes(pod.name);
  }
  const matchExpressions = Array.isArray(expressionSelectors) ? expressionSelectors.filter(isExpression) : [];
  return labelsMatch({ matchLabels: isMap(matchLabels) ? matchLabels : {}, matchExpressions }, pod.labels);
}

/** Any other is left out: it could only choose fewer. */
function isExpression(value: unknown): value is LabelExpression {
  if (!isMap(value) || typeof value.key !== "string") return false;
  const operator = String(value.operator);
  if (operator === "Exists" || operator === "DoesNotExist") return true;
  return (operator === "In" || operator === "NotIn") && Array.isArray(value.values);
}
