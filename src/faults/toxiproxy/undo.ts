import type { Undo } from "../undo-entry.js";
import { proxyTokenOf } from "./client/token-variable.js";
import { ToxiproxyApi } from "./client/toxiproxy-api.js";
import { isToxiproxyDeed, type ToxiproxyDeed, touchedBy } from "./undo/deed.js";
import { putBack } from "./undo/put-back.js";

/** A server that takes longer for one call is as good as hanging. */
const CALL_MS = 2_000;

/** Puts back what runs did to Toxiproxy servers, from what they wrote down. */
export const undo: Undo = async (entries, { dryRun, keepProxies = false, env = process.env }) => {
  const failures: string[] = [];
  const deeds: ToxiproxyDeed[] = [];
  for (const entry of entries) {
    if (isToxiproxyDeed(entry.undo)) deeds.push(entry.undo);
    else failures.push(`${entry.text}: how to undo it cannot be read`);
  }
  const urls = [...new Set(deeds.map(({ url }) => url))];
  const results = await Promise.all(
    urls.map((url) => {
      const api = new ToxiproxyApi(url, { token: proxyTokenOf(env), deadlineMs: CALL_MS });
      const touched = touchedBy(deeds.filter((deed) => deed.url === url));
      return putBack(api, touched, { dryRun, keepProxies, callsMayPend: true });
    }),
  );
  return {
    did: results.flatMap((result) => result.did),
    failures: [...failures, ...results.flatMap((result) => result.failures)],
  };
};
