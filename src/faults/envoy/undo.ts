import { messageOf } from "../../support/errors.js";
import type { Undo, Undone } from "../undo-entry.js";
import { EnvoyAdmin } from "./admin/envoy-admin.js";
import { type EnvoyDeed, isEnvoyDeed, runtimeTouchedBy } from "./undo/deed.js";
import { isGoneService } from "./undo/gone-service.js";
import { restoreRuntime } from "./undo/restore-runtime.js";

/** An Envoy that takes longer for one call is as good as hanging. */
const CALL_MS = 2_000;

/** Puts back what runs have set in the runtime of Envoys. */
export const undo: Undo = async (entries, { dryRun }) => {
  const unreadable: string[] = [];
  const deeds: EnvoyDeed[] = [];
  for (const entry of entries) {
    if (isEnvoyDeed(entry.undo)) deeds.push(entry.undo);
    else unreadable.push(`${entry.text}: how to undo it cannot be read`);
  }
  const urls = [...new Set(deeds.map(({ admin }) => admin))];
  const results = await Promise.all(
    urls.map((url) => {
      const own = deeds.filter(({ admin }) => admin === url);
      return undoAt(url, own, dryRun);
    }),
  );
  return {
    did: results.flatMap(({ did }) => did),
    failures: [...unreadable, ...results.flatMap(({ failures }) => failures)],
  };
};

async function undoAt(url: string, deeds: readonly EnvoyDeed[], dryRun: boolean): Promise<Undone> {
  const admin = new EnvoyAdmin(url, CALL_MS);
  const touched = runtimeTouchedBy(deeds);
  if (touched === null) return { did: [], failures: [] };
  try {
    const { did, failures, left } = await restoreRuntime(admin, touched, { dryRun });
    return {
      did: [...did, ...left.map((what) => `leave ${what}, in the runtime of ${admin.words}`)],
      failures,
    };
  } catch (error) {
    // It was a service of the run, which has ended, and its runtime with it.
    if (isGoneService(error, deeds)) return { did: [], failures: [] };
    return { did: [], failures: [`${messageOf(error)}. If this Envoy has ended, its runtime went with it`] };
  }
}
