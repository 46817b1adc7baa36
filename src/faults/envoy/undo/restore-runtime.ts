import type { Undone } from "../../undo-entry.js";
import type { EnvoyAdmin } from "../admin/envoy-admin.js";
import type { RuntimeListing } from "../admin/runtime-listing.js";
import { MARK_KEY, type TouchedRuntime } from "./deed.js";

/** Others may set keys while it is undone. */
const MOST_ROUNDS = 4;

interface Remedies {
  /** What to set. "": the key is taken out. */
  readonly values: ReadonlyMap<string, string>;
  /** What stays, as somebody else has set it. */
  readonly left: readonly string[];
}

/**
 * Puts the keys of a runtime back as they were found. What somebody else has set since stays, and is told.
 * @throws FaultlineError ENVOY_UNREACHABLE, ENVOY_UNPREPARED.
 */
export async function restoreRuntime(
  admin: EnvoyAdmin,
  touched: TouchedRuntime,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<Undone & { readonly left: readonly string[] }> {
  const did: string[] = [];
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const { values, left } = runtimeRemedies(touched, await admin.runtime());
    if (dryRun || values.size === 0) {
      const would = [...values].map(([key, value]) => orderFor(key, value, admin));
      return { did: [...did, ...would], failures: [], left };
    }
    await admin.modify(values);
    did.push(...[...values].map(([key, value]) => orderFor(key, value, admin)));
  }
  return { did, failures: [`${admin.words}: what was undone is there again`], left: [] };
}

/** What is to be set so that nothing of the run is left. */
export function runtimeRemedies({ layer, mark, keys }: TouchedRuntime, now: RuntimeListing): Remedies {
  const values = new Map<string, string>();
  const left: string[] = [];
  const marked = now.valueIn(layer, MARK_KEY);
  // Another run has found what this one left, and answers for it.
  if (marked !== "" && marked !== mark) {
    return { values, left: [`all keys, as another run of faultline has a fault there (${marked})`] };
  }
  for (const [key, { found, set }] of keys) {
    const value = now.valueIn(layer, key);
    if (value === found) continue;
    if (set.includes(value)) values.set(key, found);
    else
      left.push(
        `${key} ${value === "" ? "without a value" : `at ${value}`}, as somebody has changed it since`,
      );
  }
  if (marked === mark) values.set(MARK_KEY, "");
  return { values, left };
}

function orderFor(key: string, value: string, { words }: EnvoyAdmin): string {
  const where = `in the runtime of ${words}`;
  return value === "" ? `take ${key} out, ${where}` : `set ${key} to ${value} again, ${where}`;
}
