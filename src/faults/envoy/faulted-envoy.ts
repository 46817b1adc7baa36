import { isDeepStrictEqual } from "node:util";
import { monotonicMs, Patience, sleep } from "../../support/clock.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import type { EnvoySpec } from "../kinds/envoy/envoy-action.js";
import {
  countedBetween,
  type ListedCounters,
  type ManagerCounters,
  prefixOfCounters,
} from "./admin/counters.js";
import type { EnvoyAdmin } from "./admin/envoy-admin.js";
import { adminLayerIn, type FoundFilters, faultFiltersIn } from "./admin/fault-filter.js";
import type { RuntimeListing } from "./admin/runtime-listing.js";
import type { EnvoyPart } from "./envoy-part.js";
import { whatLacks } from "./preflight.js";
import type { EnvoySeen, EnvoyTrouble, PartSeen } from "./proof.js";
import { refuseOtherRun, refuseUncounted } from "./refusals.js";
import { partsOf, runtimeValues } from "./runtime-values.js";
import { RuntimeWatch } from "./runtime-watch.js";
import { type EnvoyDeed, MARK_KEY, runtimeTouchedBy } from "./undo/deed.js";
import { isGoneService } from "./undo/gone-service.js";
import { restoreRuntime } from "./undo/restore-runtime.js";

/** An Envoy that was just started again takes connections within this time. */
const BACK_WITHIN_MS = 3_000;
const TRY_AGAIN_MS = 250;

type Counters = ReadonlyMap<string, ListedCounters>;

export interface FaultedEnvoyOptions {
  /** As the actions name it. */
  readonly target: string;
  readonly admin: EnvoyAdmin;
  /** The service of the run that it is. null: it is none, or this is not known. */
  readonly service: string | null;
  /** The run's own value of MARK_KEY. */
  readonly mark: string;
  /** Is told of each deed before it is done. */
  readonly note: (deed: EnvoyDeed, text: string) => void;
  readonly onEvent: (text: string) => void;
}

/** What stands in an Envoy for one stage of a fault. */
interface Stage {
  readonly parts: readonly EnvoyPart[];
  readonly from: Counters;
}

/** One Envoy whose runtime the run changes, and puts back. Calls must not overlap. */
export class FaultedEnvoy {
  readonly #options: FaultedEnvoyOptions;
  readonly #found: FoundFilters;
  readonly #layer: string;
  /** Since the last `restore`. */
  #deeds: readonly EnvoyDeed[] = [];
  #specs: readonly EnvoySpec[] = [];
  #values: ReadonlyMap<string, string> = new Map();
  /** While Envoy is told other values, nobody can say which it has. */
  #isChanging = false;
  #stage: Stage | null = null;
  /** Of earlier stages. */
  readonly #seen: PartSeen[] = [];
  #watch: RuntimeWatch | null = null;
  #trouble: EnvoyTrouble | null = null;
  /** Until the first fault after it. */
  #baseline: Counters | null = null;
  /** Counted from the baseline's begin to the first fault. */
  #before: ReadonlyMap<string, ManagerCounters> = new Map();

  private constructor(options: FaultedEnvoyOptions, found: FoundFilters, layer: string) {
    this.#options = options;
    this.#found = found;
    this.#layer = layer;
  }

  /**
   * Meets the Envoy, which has to have all that these need.
   * @throws FaultlineError ENVOY_UNREACHABLE, ENVOY_UNPREPARED, RUN_CONFLICT.
   */
  static async open(options: FaultedEnvoyOptions, specs: readonly EnvoySpec[]): Promise<FaultedEnvoy> {
    const { admin, mark } = options;
    const listing = await admin.runtime();
    const dump = await admin.configuration();
    const found = faultFiltersIn(dump);
    const layer = adminLayerIn(dump);
    for (const spec of specs) {
      const lack = whatLacks(admin.words, spec, found, { listing, layer });
      if (lack !== null) throw new FaultlineError("ENVOY_UNPREPARED", lack);
    }
    // Without it something was lacking.
    const known = layer ?? "";
    refuseOtherRun(admin, mark, { listing, layer: known, found });
    const parts = specs.flatMap((spec) => partsOf(spec, found));
    refuseUncounted(admin, parts, await admin.counters());
    return new FaultedEnvoy(options, found, known);
  }

  /** Faults that are counted from here to the first one are none of the run's. */
  async markBaseline(): Promise<void> {
    this.#before = new Map();
    // Without an answer there is nothing to compare with. An Envoy that stays silent cannot be told of a fault either.
    this.#baseline = await this.#options.admin.counters().catch(() => null);
  }

  /** Puts exactly these in place. @throws FaultlineError when nothing of it could be put there. */
  async set(specs: readonly EnvoySpec[]): Promise<void> {
    if (isDeepStrictEqual(specs, this.#specs)) return;
    await this.#endStage();
    // What somebody else has changed is not changed again. The fault proves nothing any more.
    if (this.#trouble === null) await this.#setValues(specs);
    this.#specs = specs;
  }

  /** What was seen since the fault began. */
  async seen(): Promise<EnvoySeen> {
    const { target, admin } = this.#options;
    const parts = [...this.#seen];
    try {
      if (this.#stage !== null) parts.push(...(await this.#countedIn(this.#stage)));
      await this.#watch?.look();
    } catch (error) {
      this.#trouble ??= { id: "silent", why: messageOf(error) };
    }
    return { target, words: admin.words, parts, trouble: this.#trouble };
  }

  /** Puts everything back as it was found. @throws FaultlineError when that fails: it may be tried again. */
  async restore(): Promise<void> {
    const { admin, onEvent } = this.#options;
    this.#watch?.stop();
    this.#watch = null;
    const touched = runtimeTouchedBy(this.#deeds);
    if (touched !== null) {
      const restored = await this.#whenBack(() => restoreRuntime(admin, touched));
      for (const what of restored?.left ?? []) onEvent(`runtime of ${admin.words}: left ${what}`);
      if (restored && restored.failures.length > 0)
        throw new FaultlineError("ROLLBACK_FAILED", restored.failures.join("; "));
    }
    this.#deeds = [];
    this.#specs = [];
    this.#values = new Map();
    this.#stage = null;
    this.#seen.length = 0;
    this.#trouble = null;
  }

  async #setValues(specs: readonly EnvoySpec[]): Promise<void> {
    const { admin, mark } = this.#options;
    const parts = specs.flatMap((spec) => partsOf(spec, this.#found));
    const values = new Map(parts.flatMap((part) => [...runtimeValues(part)]));
    const now = await admin.runtime();
    refuseOtherRun(admin, mark, { listing: now, layer: this.#layer, found: this.#found });
    const found = this.#foundBefore(now);
    const all = new Map([...found].filter(([key]) => this.#values.has(key) || values.has(key)));
    for (const [key, value] of values) all.set(key, value);
    this.#note(values, found);
    const from = await admin.counters();
    this.#endBaseline(from);
    this.#isChanging = true;
    try {
      await admin.modify(new Map([...all, [MARK_KEY, mark]]));
      this.#values = values;
    } finally {
      this.#isChanging = false;
    }
    this.#stage = { parts, from };
    this.#beginWatch();
    await this.#watch?.look();
    const trouble: EnvoyTrouble | null = this.#trouble;
    if (trouble !== null) {
      await this.restore();
      throw new FaultlineError("FAULT_NOT_PLACED", `${admin.words} does not keep what is set in its runtime`);
    }
  }

  /** What the layer said of each key before the run. Keys that it has not touched are read now. */
  #foundBefore(now: RuntimeListing): ReadonlyMap<string, string> {
    const keys = new Set(this.#found.filters.flatMap((filter) => Object.values(filter.keys)));
    const before = runtimeTouchedBy(this.#deeds)?.keys;
    return new Map([...keys].map((key) => [key, before?.get(key)?.found ?? now.valueIn(this.#layer, key)]));
  }

  #note(values: ReadonlyMap<string, string>, found: ReadonlyMap<string, string>): void {
    const { admin, service, mark, note } = this.#options;
    const keys = [...values].map(([key, set]) => ({ key, found: found.get(key) ?? "", set }));
    const deed: EnvoyDeed = {
      kind: "runtime",
      admin: admin.url,
      layer: this.#layer,
      mark,
      service,
      keys,
    };
    note(deed, `runtime of ${admin.words}`);
    this.#deeds = [...this.#deeds, deed];
  }

  #beginWatch(): void {
    const { admin, mark, onEvent } = this.#options;
    this.#watch ??= new RuntimeWatch({
      admin,
      layer: this.#layer,
      mark,
      wanted: () => (this.#isChanging ? null : this.#values),
      beganMs: monotonicMs(),
      onTrouble: (trouble) => {
        this.#trouble = trouble;
        onEvent(
          `runtime of ${admin.words}: ${trouble.id === "lost" ? "empty again" : "changed by somebody else"}`,
        );
      },
    });
  }

  async #endStage(): Promise<void> {
    if (this.#stage === null) return;
    try {
      this.#seen.push(...(await this.#countedIn(this.#stage)));
      await this.#watch?.look();
    } catch (error) {
      this.#trouble ??= { id: "silent", why: messageOf(error) };
    }
    this.#stage = null;
  }

  #endBaseline(now: Counters): void {
    const from = this.#baseline;
    this.#baseline = null;
    if (from === null) return;
    const prefixes = new Set(this.#found.filters.map(({ statPrefix }) => statPrefix));
    this.#before = new Map([...prefixes].map((each) => [each, countedAt(each, from, now)] as const));
  }

  async #countedIn({ parts, from }: Stage): Promise<readonly PartSeen[]> {
    const now = await this.#options.admin.counters();
    return parts.map((part) => {
      const prefixes = [...new Set(part.filters.map(({ statPrefix }) => statPrefix))];
      const counted = prefixes.map((each) => [each, this.#since(each, from, now)] as const);
      const before = [...this.#before].filter(([each]) => prefixes.includes(each));
      return { part, counted: new Map(counted), before: new Map(before) };
    });
  }

  #since(statPrefix: string, from: Counters, until: Counters): ManagerCounters {
    const counted = countedAt(statPrefix, from, until);
    if (Object.values(counted).some((count) => count < 0) && this.#trouble === null)
      this.#trouble = { id: "counters_reset" };
    return counted;
  }

  /** Tries again while nothing listens. @returns null when it was a service of the run, and has ended. */
  async #whenBack<T>(work: () => Promise<T>): Promise<T | null> {
    const patience = new Patience(BACK_WITHIN_MS);
    try {
      for (;;) {
        try {
          return await work();
        } catch (error) {
          const isUnreachable = error instanceof FaultlineError && error.code === "ENVOY_UNREACHABLE";
          if (isUnreachable && patience.leftMs > 0) {
            await sleep(TRY_AGAIN_MS);
            continue;
          }
          if (isGoneService(error, this.#deeds)) return null;
          const why = `${messageOf(error)}. If this Envoy has ended, its runtime went with it`;
          throw new FaultlineError("ROLLBACK_FAILED", why, { cause: error });
        }
      }
    } finally {
      patience.end();
    }
  }
}

function countedAt(statPrefix: string, from: Counters, until: Counters): ManagerCounters {
  const prefix = prefixOfCounters(statPrefix);
  return countedBetween(from.get(prefix), until.get(prefix));
}
