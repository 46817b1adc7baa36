import { isDeepStrictEqual } from "node:util";
import { FaultlineError, messageOf } from "../../support/errors.js";
import type { FaultAction } from "../fault-action.js";

/** One action in a cluster, for drivers whose actions do not depend on each other. */
export interface PlacedFault<Seen> {
  readonly action: FaultAction;
  /** Puts it in place. What was done of it when it rejects is taken out by `takeOut`. */
  place(): Promise<void>;
  seen(): Promise<Seen>;
  /** A second call does nothing. */
  takeOut(): Promise<void>;
}

/** The actions that a driver has in place. Calls must not overlap. */
export class PlacedFaults<Seen> {
  readonly #make: (action: FaultAction) => PlacedFault<Seen>;
  readonly #placed: PlacedFault<Seen>[] = [];
  /** What was seen in earlier stages. */
  readonly #seenBefore: Seen[] = [];
  #hasActed = false;

  constructor(make: (action: FaultAction) => PlacedFault<Seen>) {
    this.#make = make;
  }

  /** Puts exactly these in place. Those that are there already stay as they are. */
  async replaceBy(actions: readonly FaultAction[]): Promise<void> {
    const kept = this.#placed.filter(({ action }) => isAmong(action, actions));
    const gone = this.#placed.filter((each) => !kept.includes(each));
    const fresh = actions.filter((action) => !kept.some((each) => isDeepStrictEqual(each.action, action)));
    for (const each of gone) {
      this.#seenBefore.push(await each.seen());
      await this.#takeOut(each);
    }
    const placed: PlacedFault<Seen>[] = [];
    try {
      for (const action of fresh) placed.push(await this.#place(action));
    } catch (error) {
      for (const each of placed.reverse()) await this.#takeOut(each).catch(() => {});
      throw error;
    }
  }

  /** Of all stages until now. */
  async seen(): Promise<readonly Seen[]> {
    const now: Seen[] = [];
    for (const each of this.#placed) now.push(await each.seen());
    return [...this.#seenBefore, ...now];
  }

  /** Takes all of them out. @throws FaultlineError ROLLBACK_FAILED: what is still there may be taken out by another try. */
  async clear(): Promise<void> {
    const failures: string[] = [];
    for (const each of [...this.#placed].reverse()) {
      await this.#takeOut(each).catch((error) => failures.push(messageOf(error)));
    }
    this.#seenBefore.length = 0;
    if (failures.length > 0) throw new FaultlineError("ROLLBACK_FAILED", failures.join("; "));
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

  async #takeOut(each: PlacedFault<Seen>): Promise<void> {
    await each.takeOut();
    this.#placed.splice(this.#placed.indexOf(each), 1);
  }
}

function isAmong(action: FaultAction, actions: readonly FaultAction[]): boolean {
  return actions.some((each) => isDeepStrictEqual(each, action));
}
