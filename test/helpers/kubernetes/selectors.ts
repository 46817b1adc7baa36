import { type ClusterObject, fieldAt } from "../../../src/kubernetes/objects.js";

/** "app=cart,tier!=test,track in (a,b),canary" */
export function matchesLabels(object: ClusterObject, selector: string | null): boolean {
  const labels = object.metadata.labels ?? {};
  if (selector === null || selector === "") return true;
  return selector.split(/,(?![^(]*\))/).every((term) => {
    const among = /^\s*(\S+)\s+(in|notin)\s+\(([^)]*)\)\s*$/.exec(term);
    if (among) {
      const [, key = "", how, values = ""] = among;
      const isIn = values.split(",").some((value) => value.trim() === labels[key]);
      return how === "in" ? isIn : !isIn;
    }
    const [, key = "", operator, value] = /^\s*([^=!]+?)\s*(?:(==|=|!=)\s*(\S*)\s*)?$/.exec(term) ?? [];
    if (operator === undefined) return key.startsWith("!") ? !(key.slice(1) in labels) : key in labels;
    return operator === "!=" ? labels[key] !== value : labels[key] === value;
  });
}

/** "spec.nodeName=worker-2,metadata.name=x" */
export function matchesFields(object: ClusterObject, selector: string | null): boolean {
  if (selector === null || selector === "") return true;
  return selector.split(",").every((term) => {
    const [path = "", value = ""] = term.split("=");
    return String(fieldAt(object, path.split(".")) ?? "") === value;
  });
}

/** RFC 7386. */
export function mergePatched(target: unknown, patch: unknown): unknown {
  if (patch === null || typeof patch !== "object" || Array.isArray(patch)) return patch;
  const into: Record<string, unknown> =
    target !== null && typeof target === "object" && !Array.isArray(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete into[key];
    else into[key] = mergePatched(into[key], value);
  }
  return into;
}
