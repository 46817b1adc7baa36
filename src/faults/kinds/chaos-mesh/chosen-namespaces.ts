import { isMap } from "../../../quantities/valid-parts.js";
import { SELECTOR_PATHS } from "./chaos-action.js";

/** A namespace that a `spec` acts on, and where the spec says so. */
export interface ChosenNamespace {
  readonly name: string;
  /** Below `spec`. */
  readonly path: readonly (string | number)[];
}

/** All that its selectors name. Where one names none, it acts in the namespace of the object. */
export function chosenNamespaces(spec: unknown): readonly ChosenNamespace[] {
  return SELECTOR_PATHS.flatMap((way) => {
    const selector = way.reduce<unknown>((inner, key) => (isMap(inner) ? inner[key] : undefined), spec);
    if (!isMap(selector)) return [];
    const named = Array.isArray(selector.namespaces) ? selector.namespaces : [];
    const ofPods = isMap(selector.pods) ? Object.keys(selector.pods) : [];
    return [
      ...named.map((name, index) => ({ name: String(name), path: [...way, "namespaces", index] })),
      ...ofPods.map((name) => ({ name, path: [...way, "pods", name] })),
    ];
  });
}
