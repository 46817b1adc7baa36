import { sleep } from "../../../support/clock.js";
import { messageOf } from "../../../support/errors.js";
import type { Undone } from "../../undo-entry.js";
import type { ToxiproxyApi } from "../client/toxiproxy-api.js";
import type { ListedProxy } from "../client/toxiproxy-listing.js";
import { shownServer, ToxiproxySilence } from "../client/toxiproxy-transport.js";
import { type Remedy, remediesFor, remedyText, type TouchedProxy } from "./touched-proxy.js";

/** How often a proxy is checked again after something was done to it. */
const MAX_ROUNDS = 4;
/** A server carries out unanswered requests within this time once it answers others. */
const SETTLE_MS = 400;

export interface PutBackOptions {
  /** Says what would be done, and does nothing. */
  readonly dryRun?: boolean;
  /** See `UndoOptions`. */
  readonly keepProxies?: boolean;
  /**
   * The run may have died during a call. So what is there is checked twice, as after a call of our own without an
   * answer.
   */
  readonly callsMayPend?: boolean;
}

/**
 * Leaves the proxies as they were before the run. Only what the server itself lists counts. After a call that was
 * refused or had no answer comes another look, and its result decides. Never rejects.
 */
export async function putBack(
  api: ToxiproxyApi,
  touched: readonly TouchedProxy[],
  { dryRun = false, keepProxies = false, callsMayPend = false }: PutBackOptions = {},
): Promise<Undone> {
  if (touched.length === 0) return { did: [], failures: [] };
  const where = ({ name }: TouchedProxy) => `"${name}" of ${shownServer(api.url)}`;
  const did: string[] = [];
  /** Why the last remedy of a proxy failed. */
  const reasons = new Map<TouchedProxy, string>();
  const failed = (left: readonly TouchedProxy[], why: (each: TouchedProxy) => string): Undone => ({
    did,
    failures: left.map((each) => `proxy ${where(each)}: ${why(each)}`),
  });
  let left = touched;
  try {
    // Another program may answer at that address by now, and say that nothing exists.
    await api.version();
    for (let round = 1, settled = false; round <= MAX_ROUNDS; round += 1) {
      const listing = await api.proxies();
      const found = touched.map((each) => {
        const now = listing.get(each.name) ?? null;
        return { each, now, remedies: remediesFor(each, now, { keepProxies }) };
      });
      const open = found.filter(({ remedies }) => remedies.length > 0);
      if (dryRun) {
        const would = open.flatMap(({ each, remedies }) =>
          remedies.map((remedy) => remedyText(remedy, where(each))),
        );
        return { did: would, failures: [] };
      }
      left = open.map(({ each }) => each);
      if (left.length === 0) {
        if (settled || !(callsMayPend || api.leftUnanswered)) return { did, failures: [] };
        await sleep(SETTLE_MS);
        settled = true;
        continue;
      }
      settled = false;
      for (const { each, now, remedies } of open) {
        reasons.delete(each);
        try {
          for (const remedy of remedies) {
            await apply(api, each, now, remedy);
            did.push(remedyText(remedy, where(each)));
          }
        } catch (error) {
          reasons.set(each, messageOf(error));
        }
      }
    }
  } catch (error) {
    return failed(left, (each) => [reasons.get(each), messageOf(error)].filter(Boolean).join(" Then: "));
  }
  return failed(left, (each) => reasons.get(each) ?? "what was undone is there again");
}

async function apply(
  api: ToxiproxyApi,
  { name }: TouchedProxy,
  now: ListedProxy | null,
  remedy: Remedy,
): Promise<void> {
  switch (remedy.kind) {
    case "delete":
      return api.deleteProxy(name);
    case "make again":
      await api.createProxy({ ...remedy.as, enabled: false });
      return;
    case "add toxic again":
      return api.addListedToxic(name, remedy.toxic);
    case "remove toxics":
      return removeToxics(api, name, remedy.names, now);
    case "switch":
      return api.setEnabled(name, remedy.enabled);
  }
}

/**
 * Removes toxics from a proxy. Servers can hang on that under traffic. Then the proxy is deleted and made again without
 * them.
 * @param listed how it is made again.
 */
export async function removeToxics(
  api: ToxiproxyApi,
  proxy: string,
  names: readonly string[],
  listed: ListedProxy | null,
): Promise<void> {
  try {
    for (const name of names) await api.removeToxic(proxy, name);
  } catch (error) {
    if (!(error instanceof ToxiproxySilence) || listed === null) throw error;
    const toxics = listed.toxics.filter(({ name }) => !names.includes(name));
    await remake(api, { ...listed, toxics }).catch((worse) => {
      throw new Error(`${messageOf(error)} Then: ${messageOf(worse)}`, { cause: worse });
    });
  }
}

/**
 * Deletes the proxy and makes it again. Each step waits for the answer to the one before: a silent server would delete
 * it at some later time, when nobody is there to make it again.
 */
async function remake(api: ToxiproxyApi, proxy: ListedProxy): Promise<void> {
  await api.version();
  await api.deleteProxy(proxy.name);
  await api.createProxy({ ...proxy, enabled: false });
  for (const toxic of proxy.toxics) await api.addListedToxic(proxy.name, toxic);
  if (proxy.enabled) await api.setEnabled(proxy.name, true);
}
