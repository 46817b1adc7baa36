import { parseReference, type Reference } from "../../notation/template.js";
import type { DataFeed } from "../../plan/load-plan.js";
import { FeedReader } from "../../scenario/feeds/feed-reader.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import type { Random } from "../../support/random.js";
import type { Share } from "../share.js";

/**
 * What stays the same within one request or one journey: its number, its data rows and its captures. ${uuid} and
 * ${random.int(…)} are drawn anew at each place.
 */
export interface ValueScope {
  seq: number | null;
  /** For each feed the number of its row. Filled when first used. */
  readonly rows: (number | undefined)[];
  readonly captures: Map<string, string>;
  /** The one that was drawn last. */
  uuid: string | null;
  /** The user whose login this one shares. null: it has its own, or needs none. */
  origin: ValueScope | null;
}

export function newScope(): ValueScope {
  return { seq: null, rows: [], captures: new Map(), uuid: null, origin: null };
}

/** Where ${…} in requests get their values. Seeded. No number comes twice over all threads. */
export class Values {
  readonly #feeds: readonly DataFeed[];
  readonly #cursors: number[];
  readonly #random: Random;
  readonly #threads: number;
  #seq: number;

  constructor(feeds: readonly DataFeed[], random: Random, { thread, threads }: Share) {
    this.#feeds = feeds;
    this.#random = random;
    this.#threads = threads;
    // Thread t of n takes t, t+n, t+2n, …
    this.#cursors = feeds.map(() => thread);
    this.#seq = thread + 1;
  }

  /** Resolves an expression once. @throws SCENARIO_INVALID when it has no value for each request. */
  reader(expression: string): (scope: ValueScope) => string {
    const reference = referenceOf(expression);
    switch (reference.kind) {
      case "uuid":
        return (scope) => {
          scope.uuid = this.#uuid();
          return scope.uuid;
        };
      case "seq":
        return (scope) => String(this.#seqOf(scope));
      case "random_int": {
        const { min, max } = reference;
        return () => String(min + Math.floor(this.#random() * (max - min + 1)));
      }
      case "data":
        return this.#dataReader(expression, reference.feed, reference.column);
      case "capture": {
        const { name } = reference;
        return (scope) => scope.captures.get(name) ?? "";
      }
      default:
        throw noValue(expression, "it has no value for each request");
    }
  }

  /** The problem of the first value of a column that has one. @returns null when none has. */
  everyValue(
    expression: string,
    read: (value: string) => { readonly ok: true } | { readonly ok: false; readonly problem: string },
  ): string | null {
    const reference = referenceOf(expression);
    if (reference.kind !== "data") return null;
    const feed = this.#feeds.find(({ name }) => name === reference.feed);
    const column = feed?.table.columns.indexOf(reference.column) ?? -1;
    if (!feed || column < 0) return null;
    const reader = new FeedReader(feed.table);
    for (let row = 0; row < feed.table.rowCount; row += 1) {
      const reading = read(reader.value(row, column) ?? "");
      if (!reading.ok) return reading.problem;
    }
    return null;
  }

  #dataReader(expression: string, name: string, column: string): (scope: ValueScope) => string {
    const index = this.#feeds.findIndex((feed) => feed.name === name);
    const feed = this.#feeds[index];
    if (!feed) throw noValue(expression, `there is no feed "${name}"`);
    const { columns, rowCount } = feed.table;
    if (rowCount === 0) throw noValue(expression, `the feed "${name}" has no rows`);
    const at = columns.indexOf(column);
    if (at < 0) throw noValue(expression, `the feed "${name}" has no column "${column}"`);
    const reader = new FeedReader(feed.table);
    return (scope) => {
      const row = scope.rows[index] ?? this.#pickRow(feed, index);
      scope.rows[index] = row;
      return reader.value(row, at) ?? "";
    };
  }

  /** The number of a row. */
  #pickRow({ pick, table: { rowCount } }: DataFeed, index: number): number {
    if (pick === "random") return Math.floor(this.#random() * rowCount);
    const at = this.#cursors[index] ?? 0;
    this.#cursors[index] = at + this.#threads;
    return at % rowCount;
  }

  #seqOf(scope: ValueScope): number {
    if (scope.seq === null) {
      scope.seq = this.#seq;
      this.#seq += this.#threads;
    }
    return scope.seq;
  }

  /** Version 4, variant 1 (RFC 9562), from the seeded source. */
  #uuid(): string {
    const hex = Array.from({ length: 4 }, () =>
      Math.floor(this.#random() * 0x1_0000_0000)
        .toString(16)
        .padStart(8, "0"),
    ).join("");
    const variant = "89ab"[Math.floor(this.#random() * 4)];
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}

function referenceOf(expression: string): Reference {
  try {
    return parseReference(expression);
  } catch (error) {
    throw noValue(expression, messageOf(error));
  }
}

function noValue(expression: string, why: string): FaultlineError {
  return new FaultlineError("SCENARIO_INVALID", `"\${${expression}}" in a request: ${why}`);
}
