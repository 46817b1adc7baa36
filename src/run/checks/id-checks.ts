import { idsBroken } from "../../analysis/wording/id-sentences.js";
import type { Judged, Unasked, WhyUnasked } from "../../checks/asked.js";
import { askIds } from "../../checks/ids/ask-ids.js";
import { Findings, type MomentOf } from "../../checks/ids/compare-ids.js";
import { completionsByPhase, type JudgedSpan } from "../../checks/ids/completions.js";
import { IdLooks } from "../../checks/ids/id-looks.js";
import { SentIds } from "../../checks/ids/sent-ids.js";
import type { CheckAsks } from "../../measure/checks/check-record.js";
import type { CompletedSecond } from "../../measure/checks/completions-record.js";
import type { IdsRecord } from "../../measure/checks/ids-record.js";
import { readIdLog } from "../../measure/ids/read-id-log.js";
import type { CheckSpec, IdSetSpec } from "../../plan/checks/check-spec.js";
import { messageOf } from "../../support/errors.js";
import type { AskContext } from "../../support/outside/ask-command.js";
import { overdueAsks } from "./overdue-ids.js";

export interface IdChecksOptions {
  readonly checks: readonly CheckSpec[];
  /** Where the load writes the ids. null: there is no check on ids. */
  readonly folder: string | null;
  /** Tells when requests were due, as far as the run has come. */
  readonly moments: () => MomentOf;
  /** Seconds since load began. */
  readonly now: () => number;
}

/** What came of asking for ids. */
export interface JudgedIds {
  readonly judged: Judged;
  /** null: the answer is none that ids could be held against. */
  readonly ids: IdsRecord | null;
}

/** What a run that has ended knows of itself. */
export interface RunSpans {
  readonly phases: readonly (JudgedSpan & Parameters<typeof overdueAsks>[4]["phases"][number])[];
  /** When faults went in, in their order. */
  readonly injectedAtS: readonly number[];
}

/** What the looks at a set of ids came to. */
export interface WatchedIds {
  /** In the phases that the check is asked in. */
  readonly asks: readonly CheckAsks[];
  /** By the phases' ids. Empty when the set could not be held against what was sent. */
  readonly completions: ReadonlyMap<string, readonly CompletedSecond[]>;
}

/** Holds the ids that are there at the end against those that the load has sent. */
export class IdChecks {
  readonly #options: IdChecksOptions;
  /** Those that were there before the load. Not in it: it could not be asked then. */
  readonly #before = new Map<CheckSpec, ReadonlySet<string>>();
  /** Of the checks that look again and again. */
  readonly #looks: ReadonlyMap<CheckSpec, IdLooks>;
  #sent: Promise<ReadonlyMap<CheckSpec, SentIds>> | null = null;
  #lost: string | null = null;

  constructor(options: IdChecksOptions) {
    this.#options = options;
    const watched = checksOnIds(options.checks).filter(({ everyMs }) => everyMs !== null);
    this.#looks = new Map(watched.map((check) => [check, new IdLooks()]));
  }

  /** null: the check looks once, at the end. */
  looksOf(check: CheckSpec): IdLooks | null {
    return this.#looks.get(check) ?? null;
  }

  /** Reads the set while the load goes on. @returns what went wrong. null: nothing. */
  async look(check: CheckSpec, set: IdSetSpec, context: AskContext): Promise<Unasked | null> {
    const looked = await this.#read(check, set, () => {}, context);
    return looked.kind === "unasked" ? looked : null;
  }

  loadEnded(): void {
    for (const looks of this.#looks.values()) looks.loadEnded();
  }

  /**
   * What the looks came to, once the check has its last answer.
   * @param isJudged whether that answer was one that ids could be held against.
   */
  async watched(
    check: CheckSpec,
    set: IdSetSpec,
    isJudged: boolean,
    { phases, injectedAtS }: RunSpans,
    shown: (output: string) => string,
  ): Promise<WatchedIds> {
    const looks = this.#looks.get(check);
    const sent = looks && this.#lost === null ? await this.#sentBy(check).catch(() => null) : null;
    if (looks === undefined || sent === null) return { asks: [], completions: new Map() };
    const momentOf = this.#options.moments();
    return {
      asks: overdueAsks(check, set, sent, looks, { phases, momentOf, shown }),
      completions: isJudged ? completionsByPhase(sent, looks, phases, injectedAtS) : new Map(),
    };
  }

  /** Ids could not be written down. */
  lost(reason: string): void {
    this.#lost ??= reason;
  }

  /** What is there before the load is not its doing. A table that is made later cannot be asked yet. */
  async lookBefore(check: CheckSpec, set: IdSetSpec, context: AskContext): Promise<void> {
    const before = new Set<string>();
    const read = await askIds(check, set, (id) => before.add(id), context);
    if (read.kind === "read") this.#before.set(check, before);
  }

  /** Once the load has ended. */
  async ask(check: CheckSpec, set: IdSetSpec, context: AskContext): Promise<JudgedIds> {
    if (this.#lost !== null) return unjudged("ids_lost", `ids could not be written down: ${this.#lost}`);
    let sent: SentIds;
    try {
      sent = await this.#sentBy(check);
    } catch (error) {
      return unjudged("ids_lost", `the ids that were sent cannot be read: ${messageOf(error)}`);
    }
    const before = this.#before.get(check) ?? null;
    const findings = new Findings(sent, before ?? new Set());
    const read = await this.#read(check, set, (id) => findings.add(id), context);
    if (read.kind === "unasked") return { judged: read, ids: null };
    const why = whyUnclear(sent, findings, before, read);
    if (why !== null) return unjudged(why.why, why.reason, read.output);
    const ids: IdsRecord = {
      request: set.request,
      id: set.id,
      most: set.most,
      thereBefore: before?.size ?? null,
      ...findings.result(before !== null, this.#options.moments()),
    };
    const reason = idsBroken(ids);
    return { judged: reason === null ? { kind: "held" } : { kind: "broken", reason }, ids };
  }

  /** Reads the set. Those who look again and again learn from each answer. */
  async #read(
    check: CheckSpec,
    set: IdSetSpec,
    take: (id: string) => void,
    context: AskContext,
  ): ReturnType<typeof askIds> {
    const looks = this.#looks.get(check);
    if (looks === undefined) return await askIds(check, set, take, context);
    const fromMs = this.#nowMs();
    // A clock that is cheap enough to be read for each of a million ids.
    const aheadMs = fromMs - performance.now();
    const saw = (id: string) => {
      looks.saw(id, performance.now() + aheadMs);
      take(id);
    };
    const read = await askIds(check, set, saw, context);
    looks.add({ fromMs, toMs: this.#nowMs(), problem: problemOf(read) });
    return read;
  }

  #nowMs(): number {
    return Math.round(1000 * this.#options.now());
  }

  async #sentBy(check: CheckSpec): Promise<SentIds> {
    return (await this.#readSent()).get(check) ?? new SentIds();
  }

  #readSent(): Promise<ReadonlyMap<CheckSpec, SentIds>> {
    this.#sent ??= this.#readFolder();
    return this.#sent;
  }

  async #readFolder(): Promise<ReadonlyMap<CheckSpec, SentIds>> {
    const { checks, folder } = this.#options;
    const all = checksOnIds(checks).map((check) => [check, new SentIds()] as const);
    if (folder !== null) await readIdLog(folder, (entry) => all[entry.note]?.[1].add(entry));
    return new Map(all);
  }
}

/** In the order in which the load numbers them. */
export function checksOnIds(checks: readonly CheckSpec[]): readonly CheckSpec[] {
  return checks.filter(({ ids }) => ids !== null);
}

/** Nothing at all is an answer of one who could not read the set, or of an empty one: it tells nothing. */
function problemOf(read: Awaited<ReturnType<typeof askIds>>): Unasked | null {
  if (read.kind === "unasked") return read;
  return read.isSilent
    ? { kind: "unasked", why: "nothing_printed", reason: NOTHING_PRINTED, output: read.output }
    : null;
}

const NOTHING_PRINTED = "the answer is empty; an empty list is []";

/** Why what was found says nothing of what became of the ids. @returns null when it does. */
function whyUnclear(
  sent: SentIds,
  findings: Findings,
  before: ReadonlySet<string> | null,
  { isSilent }: { readonly isSilent: boolean },
): { readonly why: WhyUnasked; readonly reason: string } | null {
  if (isSilent) return { why: "nothing_printed", reason: NOTHING_PRINTED };
  if (![...sent.all()].some(([, { fate }]) => fate === "acknowledged")) {
    return { why: "nothing_acknowledged", reason: "no request was acknowledged, so nothing could be lost" };
  }
  const reused = before === null ? 0 : [...before].filter((id) => sent.find(id) !== undefined).length;
  if (reused > 0) {
    const reason = `${reused} of the ids were there before the load: empty the store, or give the scenario another seed`;
    return { why: "ids_reused", reason };
  }
  return findings.isForeign
    ? { why: "not_ids", reason: "the answer holds ids, and none of those that were sent" }
    : null;
}

function unjudged(why: WhyUnasked, reason: string, output = ""): JudgedIds {
  const judged: Unasked = { kind: "unasked", why, reason, output };
  return { judged, ids: null };
}
