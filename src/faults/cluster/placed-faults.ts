import { isDeepStrictEqual } from "node:util";
import { FaultlineError, messageOf } from "../../support/errors.js";
import type { FaultAction } from "../fault-action.js";

/** One action in a cluster, for drivers whose actions do not depend on each other. */
export interface PlacedFault<Seen> {
  readonly action: FaultAction;
  /** Asks whether the cluster is fit for it, and would do it. Changes nothing. @throws FaultlineError */
  rehearse(): Promise<void>;
  /** Puts it in place. What was done of it when it rejects is taken out by `takeOut`. */
  place(): Promise<void>;
  seen(): Promise<Seen>;
  /** A second call does nothing. */
  takeOut(): Promise<void>;
  /** When it ended by itself, on the clock of `monotonicMs`. null or missing: it has not. */
  readonly overSinceMs?: number | null;
}

/** The actions that a driver has in place. Calls must not overlap. */
export class PlacedFaults<Seen> {
  readonly #make: (action: FaultAction) => PlacedFault<Seen>;
  readonly #placed: PlacedFault<Seen>[] = [];
  /** What was seen in earlier stages. */
  readonly #seenBefore: Seen[] = [];
  /** In words: of earlier stages that nothing could be seen of. */
  readonly #unseen: string[] = [];
  #hasActed = false;

  constructor(make: (action: FaultAction) => PlacedFault<Seen>) {
    this.#make = make;
  }

  /** Puts exactly these in place. Those that are there already stay as they are. */
  async replaceBy(actions: readonly FaultAction[]): Promise<void> {
    const kept = this.#placed.filter(({ action }) => isAmong(action, actions));
    const gone = this.#placed.filter((each) => !kept.includes(each));
    const fresh = actions.filter((action) => !kept.some((each) => isDeepStrictEqual(each.action, action)));
    for (const each of gone) await this.#takeOutSeen(each);
    const placed: PlacedFault<Seen>[] = [];
    try {
      for (const action of fresh) placed.push(await this.#place(action));
    } catch (error) {
      for (const each of placed.reverse()) await this.#takeOut(each).catch(() => {});
      throw error;
    }
  }

  /** Of all stages until now. @throws Error when one of them could not be looked at. */
  async seen(): Promise<readonly Seen[]> {
    const now = await Promise.all(this.#placed.map((each) => each.seen()));
    if (this.#unseen.length > 0) throw new Error(this.#unseen.join("; "));
    return [...this.#seenBefore, ...now];
  }

  /** Takes all of them out. @throws FaultlineError ROLLBACK_FAILED: what is still there may be taken out by another try. */
  async clear(): Promise<void> {
    const failures: string[] = [];
    for (const each of [...this.#placed].reverse()) {
      await this.#takeOut(each).catch((error) => failures.push(messageOf(error)));
    }
    this.#seenBefore.length = 0;
    this.#unseen.length = 0;
    if (failures.length > 0) throw new FaultlineError("ROLLBACK_FAILED", failures.join("; "));
  }

  /** When the last one in place ended by itself, on the clock of `monotonicMs`. null: one has not, or none is there. */
  get overSinceMs(): number | null {
    const ended = this.#placed.map(({ overSinceMs }) => overSinceMs ?? null);
    const known = ended.filter((atMs) => atMs !== null);
    return known.length > 0 && known.length === ended.length ? Math.max(...known) : null;
  }

  /** Any upstream may lead into the cluster: where it ends there is not known here. Says so of the time since the last call. */
  keptDown(): (upstream: string) => boolean {
    const hasActed = this.#hasActed;
    this.#hasActed = this.#placed.length > 0;
    return () => hasActed;
  }

  async #place(action: FaultAction): Promise<PlacedFault<Seen>> {
    const each = this.#make(action);
    // Before the deed: what was done of it is taken out, too, when it fails.
    this.#placed.push(each);
    this.#hasActed = true;
    try {
      await each.place();
    } catch (error) {
      await this.#takeOut(each).catch(() => {});
      throw error;
    }
    return each;
  }

  /** What was seen of it goes on counting. It is taken out whether it can be looked at or not. */
  async #takeOutSeen(each: PlacedFault<Seen>): Promise<void> {
    const look = await each.seen().then(
      (seen) => ({ seen }),
      (error) => ({ why: messageOf(error) }),
    );
    await this.#takeOut(each);
    if ("seen" in look) this.#seenBefore.push(look.seen);
    else this.#unseen.push(`${each.action.target} could not be looked at: ${look.why}`);
  }

  async #takeOut(each: PlacedFault<Seen>): Promise<void> {
    await each.takeOut();
    this.#placed.splice(this.#placed.indexOf(each), 1);
  }
}

function isAmong(action: FaultAction, actions: readonly FaultAction[]): boolean {
  return actions.some((each) => isDeepStrictEqual(each, action));
}
