import type { FaultAction, FaultStage, Json } from "./fault-action.js";
import { HTTP } from "./http-rule.js";
import { CHAOS_MESH } from "./kinds/chaos-mesh/chaos-action.js";
import { DOCKER } from "./kinds/docker/action.js";
import { TOXIPROXY } from "./toxic.js";

/** Keys of a spec whose texts are words of a driver's: they have a meaning to a program. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  [TOXIPROXY]: ["type", "stream"],
  [HTTP]: ["method", "before", "ends"],
  [DOCKER]: ["who", "deed", "signal"],
  [CHAOS_MESH]: ["kind"],
};

/** The action with `mask` applied to the texts that it was given by a user: a path, a command, a header. */
export function maskAction(action: FaultAction, mask: (text: string) => string): FaultAction {
  const words = Object.hasOwn(WORDS, action.driver) ? (WORDS[action.driver] ?? []) : [];
  const spec = Object.entries(action.spec).map(([key, value]): [string, Json] => [
    key,
    words.includes(key) ? value : maskTexts(value, mask),
  ]);
  return { ...action, spec: Object.fromEntries(spec) };
}

export function maskStage(stage: FaultStage, mask: (text: string) => string): FaultStage {
  return { ...stage, actions: stage.actions.map((action) => maskAction(action, mask)) };
}

function maskTexts(value: Json, mask: (text: string) => string): Json {
  if (typeof value === "string") return mask(value);
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return value.map((each) => maskTexts(each, mask));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, maskTexts(inner, mask)]));
}

/** Array.isArray does not tell a read-only list from a map. */
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
