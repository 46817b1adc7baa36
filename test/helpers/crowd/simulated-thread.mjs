// A load thread without a load: it sends nothing, and reports as if each request had been answered. What it says, and how often, is
// what real threads say: counting and reporting are theirs.
import { LiveCounters } from "../../../dist/load/counting/live-counters.js";
import { SegmentReporter } from "../../../dist/load/counting/segment-reporter.js";
import { Segments } from "../../../dist/load/counting/segments.js";
import { Arrivals } from "../../../dist/load/schedule/arrivals.js";
import { nowUs } from "../../../dist/load/thread-clock.js";

/** The name of the only request. */
const NAME = 0;

/** When all requests of a plan are due, in µs since the load began. All threads of this process draw it once, together. */
export class CommonSchedule {
  #arrivals = null;
  #due = new Float64Array(1024);
  #drawn = 0;

  /** @returns when the request of this number, from 0, is due. */
  dueUs(plan, number) {
    this.#arrivals ??= new Arrivals(plan.model.profile, plan.model.arrivals, () => 0.5);
    while (this.#drawn <= number) {
      if (this.#drawn === this.#due.length) {
        const longer = new Float64Array(2 * this.#due.length);
        longer.set(this.#due);
        this.#due = longer;
      }
      this.#due[this.#drawn++] = this.#arrivals.next();
    }
    return this.#due[number];
  }
}

/** How long the answer to a request takes: 0.5 to 40.5 ms, as its number says. */
export function latencyUs(number) {
  return 500 + ((number * 7919) % 40_000);
}

const lagUs = (number) => (number % 7) * 10;

export class SimulatedThread {
  #plan;
  #schedule;
  #note;
  #segments;
  #live;
  #reporter;
  #step;
  #next;
  #startUs = Number.POSITIVE_INFINITY;
  #stopUs = Number.POSITIVE_INFINITY;
  #pumpedUs = 0;

  /**
   * @param note told of each request: (segment id, second in it, number).
   * @param report takes what a thread tells its process.
   */
  constructor(plan, { thread, threads }, schedule, note, report) {
    const names = [plan.mix.requests[0].name];
    this.#plan = plan;
    this.#schedule = schedule;
    this.#note = note;
    this.#next = thread;
    this.#step = threads;
    this.#segments = new Segments(names);
    this.#live = new LiveCounters(names);
    this.#reporter = new SegmentReporter(this.#segments, this.#live, () => this.#pumpedUs, report);
  }

  hear(message) {
    if (message.kind === "snapshot") this.#reporter.snapshot(message.segmentId, message.question);
    else if (message.kind === "begin") this.#begin(message.segment, message.atUs);
    else this.#end(message.atUs);
  }

  /** What was due since the last turn is asked, answered and counted. */
  turn() {
    const now = nowUs();
    this.#reporter.turn(now);
    for (;;) {
      const dueUs = this.#startUs + this.#schedule.dueUs(this.#plan, this.#next);
      if (dueUs > now || dueUs >= this.#stopUs) break;
      this.#answer(dueUs, this.#next);
      this.#next += this.#step;
    }
    this.#pumpedUs = now;
  }

  #begin(segment, atUs) {
    this.#reporter.live();
    this.#segments.begin(segment, atUs, this.#pumpedUs);
    this.#reporter.begun(atUs);
    if (this.#startUs < Number.POSITIVE_INFINITY) return;
    this.#startUs = atUs;
    this.#live.restart(atUs, segment.limits);
  }

  #end(atUs) {
    this.#stopUs = Math.max(atUs, this.#pumpedUs);
    this.#segments.end(this.#stopUs);
    this.#reporter.ended();
  }

  #answer(dueUs, number) {
    const segment = this.#segments.at(dueUs);
    if (segment === null) return;
    const tookUs = latencyUs(number);
    const second = segment.schedule(dueUs, NAME);
    segment.offered(dueUs, NAME);
    segment.answered(NAME, 200, true);
    segment.ok(second, NAME, tookUs, lagUs(number));
    this.#live.ok(NAME, tookUs, lagUs(number));
    this.#note(segment.id, Math.floor((dueUs - segment.startUs) / 1e6), number);
  }
}
