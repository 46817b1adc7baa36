import type { StreamPlan } from "../../requests/stream-plan.js";
import { countOf } from "../../support/count-of.js";
import { formatMs } from "../../support/format.js";

/** Times of a stream without end are kept until it is over. A scenario may wait for as many. */
const MOST_TIMED = 100_000;

export interface HeardSo {
  /** What comes on it. */
  readonly what: "event" | "message";
  /** Why it is none, before anything has come. null: it is one. */
  readonly problem: string | null;
  /** Its head says all that there is to know. */
  readonly isOver: boolean;
}

/** What has come of one request's stream. Times in µs on the threads' common clock. */
export class HeardStream {
  /** When the head of the answer was there. */
  readonly firstByteUs: number;
  /** When each event was whole. */
  readonly eventsUs: number[] = [];
  readonly #plan: StreamPlan;
  readonly #dueUs: number;
  readonly #what: HeardSo["what"];
  #problem: string | null;
  #isOver: boolean;

  constructor(plan: StreamPlan, dueUs: number, nowUs: number, { what, problem, isOver }: HeardSo) {
    this.#plan = plan;
    this.#dueUs = dueUs;
    this.firstByteUs = nowUs;
    this.#what = what;
    this.#problem = problem;
    this.#isOver = isOver;
  }

  /** Nothing more of it is waited for. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Why it is not as expected. null: it is, as far as it goes. */
  get problem(): string | null {
    return this.#problem;
  }

  /** "2 of 5 events", "3 messages and no end" */
  get progress(): string {
    const { events } = this.#plan;
    const count = this.eventsUs.length;
    return events === null
      ? `${countOf(count, this.#what)} and no end`
      : `${count} of ${events} ${this.#what}s`;
  }

  /** So many have become whole. */
  came(count: number, nowUs: number): void {
    if (this.#isOver || count === 0) return;
    const { events, firstEventMs } = this.#plan;
    const isFirst = this.eventsUs.length === 0;
    const most = events ?? MOST_TIMED;
    const more = Math.min(count, most - this.eventsUs.length);
    for (let i = 0; i < more; i++) this.eventsUs.push(nowUs);
    if (isFirst && firstEventMs !== null && nowUs - this.#dueUs > firstEventMs * 1000) {
      this.#problem = `first ${this.#what} later than ${formatMs(firstEventMs)}`;
    } else if (events === null && more < count) {
      this.#problem = `more than ${countOf(MOST_TIMED, this.#what)}, and no \`events\` says how many are waited for`;
    }
    this.#isOver = this.#problem !== null || (events !== null && this.eventsUs.length >= events);
  }

  /** The other side has ended it. */
  end(): void {
    const { events, firstEventMs } = this.#plan;
    const count = this.eventsUs.length;
    const isTooFew = events === null ? firstEventMs !== null && count === 0 : count < events;
    if (!this.#isOver && isTooFew) {
      const heard = events === null ? countOf(count, this.#what) : this.progress;
      this.#problem = `the stream ended after ${heard}`;
    }
    this.#isOver = true;
  }
}
