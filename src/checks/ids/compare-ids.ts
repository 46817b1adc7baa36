import type { IdExample, IdGroup, IdsRecord } from "../../measure/checks/ids-record.js";
import type { SentId, SentIds } from "./sent-ids.js";

/** When a request was due: with which fault in place, or after which. */
export interface SentMoment {
  readonly when: "warmup" | "baseline" | "fault" | "recovery";
  readonly fault: string | null;
}

export type MomentOf = (sentS: number) => SentMoment;

/** What was found, id by id. */
export class Findings {
  readonly #sent: SentIds;
  readonly #times: Uint32Array;
  /** Ids that nobody has sent, and that were not there before. */
  readonly #neverSent = new Map<string, number>();
  readonly #before: ReadonlySet<string>;

  /** @param before ids that were there before the load. */
  constructor(sent: SentIds, before: ReadonlySet<string>) {
    this.#sent = sent;
    this.#before = before;
    this.#times = new Uint32Array(sent.size);
  }

  /** An id is there, once more. */
  add(id: string): void {
    const at = this.#sent.find(id);
    if (at !== undefined) this.#times[at] = (this.#times[at] ?? 0) + 1;
    else if (!this.#before.has(id)) this.#neverSent.set(id, (this.#neverSent.get(id) ?? 0) + 1);
  }

  /** Whether nothing that was found belongs to this load. */
  get isForeign(): boolean {
    return this.#neverSent.size > 0 && this.#times.every((times) => times === 0);
  }

  /** @param knowsBefore whether it is known what was there before the load. */
  result(knowsBefore: boolean, momentOf: MomentOf): IdsFound {
    const groups = {
      lost: new Group(momentOf),
      duplicated: new Group(momentOf),
      unexpected: new Group(momentOf),
      recovered: new Group(momentOf),
    };
    const fates = { acknowledged: 0, refused: 0, unknown: 0 };
    let stored = 0;
    for (const [at, sent] of this.#sent.all()) {
      const times = this.#times[at] ?? 0;
      fates[sent.fate] += 1;
      if (times > 0) stored += 1;
      if (sent.fate === "acknowledged" && times === 0) groups.lost.add(sent, times);
      if (sent.fate === "refused" && times > 0) groups.unexpected.add(sent, times);
      if (sent.fate === "unknown" && times > 0) groups.recovered.add(sent, times);
      // One id that several requests had may be there as often.
      if (times > sent.sends) groups.duplicated.add(sent, times);
    }
    const { withoutId } = this.#sent;
    // Requests whose answer would have brought their id may have left theirs.
    const excess = knowsBefore
      ? Math.max(0, this.#neverSent.size - withoutId.unknown - withoutId.acknowledged)
      : 0;
    return {
      ...fates,
      withoutId: withoutId.unknown + withoutId.acknowledged,
      stored,
      neverSent: this.#neverSent.size,
      lost: groups.lost.record(),
      duplicated: groups.duplicated.record(),
      unexpected: withNeverSent(groups.unexpected.record(), excess, this.#neverSent),
      recovered: groups.recovered.record(),
    };
  }
}

export type IdsFound = Omit<IdsRecord, "request" | "id" | "thereBefore" | "most">;

const MOST_EXAMPLES = 20;

class Group {
  readonly #momentOf: MomentOf;
  readonly #sent = new Map<string, { readonly moment: SentMoment; count: number }>();
  /** The earliest ones. Threads write one after the other, so these are not the first that come. */
  #examples: IdExample[] = [];
  #count = 0;

  constructor(momentOf: MomentOf) {
    this.#momentOf = momentOf;
  }

  add({ id, dueMs, fate }: SentId, times: number): void {
    this.#count += 1;
    const sentAtS = dueMs / 1000;
    const moment = this.#momentOf(sentAtS);
    const key = JSON.stringify([moment.when, moment.fault]);
    const known = this.#sent.get(key);
    if (known) known.count += 1;
    else this.#sent.set(key, { moment, count: 1 });
    this.#examples.push({ id, sentAtS, ...moment, fate, times });
    if (this.#examples.length > 4 * MOST_EXAMPLES) this.#examples = earliest(this.#examples);
  }

  record(): IdGroup {
    return {
      count: this.#count,
      sent: [...this.#sent.values()].map(({ moment, count }) => ({ ...moment, count })),
      examples: earliest(this.#examples),
    };
  }
}

function earliest(examples: readonly IdExample[]): IdExample[] {
  return [...examples].sort((a, b) => (a.sentAtS ?? 0) - (b.sentAtS ?? 0)).slice(0, MOST_EXAMPLES);
}

/** Some of the ids that nobody has sent cannot be explained. Nobody knows which ones. */
function withNeverSent(group: IdGroup, excess: number, neverSent: ReadonlyMap<string, number>): IdGroup {
  if (excess === 0) return group;
  const room = MOST_EXAMPLES - group.examples.length;
  const more = [...neverSent]
    .slice(0, room)
    .map(([id, times]): IdExample => ({ id, sentAtS: null, when: null, fault: null, fate: null, times }));
  return { ...group, count: group.count + excess, examples: [...group.examples, ...more] };
}
