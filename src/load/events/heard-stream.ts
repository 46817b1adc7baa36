import type { StreamPlan } from "../../requests/http/http-request.js";
import { formatMs } from "../../support/format.js";
import { headerValue } from "../answers/answer-body.js";
import { EventCounter } from "./event-counter.js";

/** What has come of one request's stream of events. Times in µs on the threads' common clock. */
export class HeardStream {
  /** When the head of the answer was there. */
  readonly firstByteUs: number;
  /** When each event was whole. */
  readonly eventsUs: number[] = [];
  readonly #plan: StreamPlan;
  readonly #dueUs: number;
  readonly #counter = new EventCounter();
  #problem: string | null;
  #isOver: boolean;

  /**
   * @param isGood the status is one of good answers. The answer to any other is judged by its status.
   * @param headers names and values in turn.
   */
  constructor(plan: StreamPlan, dueUs: number, nowUs: number, isGood: boolean, headers: readonly string[]) {
    this.#plan = plan;
    this.#dueUs = dueUs;
    this.firstByteUs = nowUs;
    this.#problem = isGood ? notReadable(headers) : null;
    this.#isOver = !isGood || this.#problem !== null;
  }

  /** Nothing more of it is waited for. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Why it is not as expected. null: it is, as far as it goes. */
  get problem(): string | null {
    return this.#problem;
  }

  /** "2 of 5 events" */
  get progress(): string {
    return `${this.eventsUs.length} of ${this.#plan.events} events`;
  }

  read(piece: Buffer, nowUs: number): void {
    if (this.#isOver) return;
    const { events, firstEventMs } = this.#plan;
    const isFirst = this.eventsUs.length === 0;
    const more = Math.min(this.#counter.read(piece), events - this.eventsUs.length);
    for (let i = 0; i < more; i++) this.eventsUs.push(nowUs);
    if (more === 0) return;
    if (isFirst && firstEventMs !== null && nowUs - this.#dueUs > firstEventMs * 1000) {
      this.#problem = `first event later than ${formatMs(firstEventMs)}`;
    }
    this.#isOver = this.#problem !== null || this.eventsUs.length >= events;
  }

  /** The other side has ended it. */
  end(): void {
    if (!this.#isOver) this.#problem = `the stream ended after ${this.progress}`;
    this.#isOver = true;
  }
}

function notReadable(headers: readonly string[]): string | null {
  const type = headerValue(headers, "content-type");
  if (!/^text\/event-stream\b/i.test(type ?? "")) {
    return `no event stream: ${type === null ? "no content-type" : `content-type ${type.slice(0, 40)}`}`;
  }
  const coding = headerValue(headers, "content-encoding");
  return coding === null || coding === "identity" ? null : `an event stream packed as ${coding.slice(0, 20)}`;
}
