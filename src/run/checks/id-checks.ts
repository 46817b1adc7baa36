import { idsBroken } from "../../analysis/wording/id-sentences.js";
import type { AskContext } from "../../checks/ask-command.js";
import type { Judged, Unasked, WhyUnasked } from "../../checks/asked.js";
import { askIds } from "../../checks/ids/ask-ids.js";
import { Findings, type MomentOf } from "../../checks/ids/compare-ids.js";
import { SentIds } from "../../checks/ids/sent-ids.js";
import type { IdsRecord } from "../../measure/checks/ids-record.js";
import { readIdLog } from "../../measure/ids/read-id-log.js";
import type { CheckSpec, IdSetSpec } from "../../plan/checks/check-spec.js";
import { messageOf } from "../../support/errors.js";

export interface IdChecksOptions {
  readonly checks: readonly CheckSpec[];
  /** Where the load writes the ids. null: there is no check on ids. */
  readonly folder: string | null;
  /** Tells when requests were due, as far as the run has come. */
  readonly moments: () => MomentOf;
}

/** What came of asking for ids. */
export interface JudgedIds {
  readonly judged: Judged;
  /** null: the answer is none that ids could be held against. */
  readonly ids: IdsRecord | null;
}

/** Holds the ids that are there at the end against those that the load has sent. */
export class IdChecks {
  readonly #options: IdChecksOptions;
  /** Those that were there before the load. Not in it: it could not be asked then. */
  readonly #before = new Map<CheckSpec, ReadonlySet<string>>();
  #sent: Promise<ReadonlyMap<CheckSpec, SentIds>> | null = null;
  #lost: string | null = null;

  constructor(options: IdChecksOptions) {
    this.#options = options;
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
      sent = (await this.#readSent()).get(check) ?? new SentIds();
    } catch (error) {
      return unjudged("ids_lost", `the ids that were sent cannot be read: ${messageOf(error)}`);
    }
    const before = this.#before.get(check) ?? null;
    const findings = new Findings(sent, before ?? new Set());
    const read = await askIds(check, set, (id) => findings.add(id), context);
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

/** Why what was found says nothing of what became of the ids. @returns null when it does. */
function whyUnclear(
  sent: SentIds,
  findings: Findings,
  before: ReadonlySet<string> | null,
  { isSilent }: { readonly isSilent: boolean },
): { readonly why: WhyUnasked; readonly reason: string } | null {
  if (isSilent) return { why: "nothing_printed", reason: "the answer is empty; an empty list is []" };
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
