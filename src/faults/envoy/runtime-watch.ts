import { monotonicMs, waited } from "../../support/clock.js";
import type { EnvoyAdmin } from "./admin/envoy-admin.js";
import type { RuntimeListing } from "./admin/runtime-listing.js";
import type { EnvoyTrouble } from "./proof.js";
import { MARK_KEY } from "./undo/deed.js";

const LOOK_EVERY_MS = 1_000;

export interface WatchOptions {
  readonly admin: EnvoyAdmin;
  readonly layer: string;
  readonly mark: string;
  /** What the layer has to say now, by key. null: that is being changed. */
  readonly wanted: () => ReadonlyMap<string, string> | null;
  readonly beganMs: number;
  /** Is called once, with the first trouble. */
  readonly onTrouble: (trouble: EnvoyTrouble) => void;
}

/** Looks again and again whether the runtime of an Envoy still says what the run has set. */
export class RuntimeWatch {
  readonly #options: WatchOptions;
  readonly #stop = new AbortController();
  #trouble: EnvoyTrouble | null = null;

  constructor(options: WatchOptions) {
    this.#options = options;
    void this.#lookOn();
  }

  get trouble(): EnvoyTrouble | null {
    return this.#trouble;
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Looks once. An Envoy that does not answer may do so again. @throws FaultlineError when it does not. */
  async look(): Promise<void> {
    const { admin, onTrouble } = this.#options;
    const wanted = this.#options.wanted();
    if (wanted === null) return;
    const listing = await admin.runtime();
    // A stage of the fault may have begun meanwhile.
    if (this.#trouble !== null || this.#stop.signal.aborted || this.#options.wanted() !== wanted) return;
    this.#trouble = this.#troubleIn(listing, wanted);
    if (this.#trouble !== null) onTrouble(this.#trouble);
  }

  async #lookOn(): Promise<void> {
    while (await waited(LOOK_EVERY_MS, this.#stop.signal)) await this.look().catch(() => {});
  }

  #troubleIn(listing: RuntimeListing, wanted: ReadonlyMap<string, string>): EnvoyTrouble | null {
    const { layer, mark, beganMs } = this.#options;
    const afterS = (monotonicMs() - beganMs) / 1000;
    const all = new Map([...wanted, [MARK_KEY, mark]]);
    const now = [...all.keys()].map((key) => [key, listing.valueIn(layer, key)] as const);
    if (now.every(([, value]) => value === "")) return { id: "lost", afterS };
    const changed = now.find(([key, value]) => value !== all.get(key));
    return changed === undefined ? null : { id: "changed", afterS, key: changed[0], to: changed[1] };
  }
}
