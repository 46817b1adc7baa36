// A load thread without a load: it sends nothing, and reports as if each request had been answered. It says what real threads say, as
// often as they do. It counts in lists, because the arrays of a thousand real threads would be hundreds of megabytes.
import { LIVE_COUNTS } from "../../../dist/load/counting/live-counters.js";
import { Arrivals } from "../../../dist/load/schedule/arrivals.js";
import { nowUs } from "../../../dist/load/thread-clock.js";
import { cellOf } from "../../../dist/measure/histogram.js";
import { OUTCOME, OUTCOMES } from "../../../dist/measure/outcome.js";
import { emptySecondCounts } from "../../../dist/measure/second-counts.js";

/** The name of the only request. */
const NAME = 0;
const REPORT_EVERY_US = 250_000;
const SECOND_US = 1e6;

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

/** Times as a histogram that crosses threads. */
function sparse(timesUs) {
  const counts = new Map();
  for (const us of timesUs) counts.set(cellOf(us), (counts.get(cellOf(us)) ?? 0) + 1);
  const cells = [...counts.keys()].sort((a, b) => a - b);
  return { cells, counts: cells.map((cell) => counts.get(cell)), maxUs: Math.max(0, ...timesUs) };
}

const over = (timesUs, { limitUs }) => timesUs.filter((us) => us > limitUs).length;

export class SimulatedThread {
  #plan;
  #schedule;
  #note;
  #report;
  #step;
  #next;
  #startUs = Number.POSITIVE_INFINITY;
  #stopUs = Number.POSITIVE_INFINITY;
  #pumpedUs = 0;
  #reportAtUs = Number.POSITIVE_INFINITY;
  #live = { sinceUs: 0, numbers: [] };
  #segments = [];
  /** Heard, and not made yet. */
  #changes = [];

  /**
   * @param note told of each request: (segment id, second in it, number).
   * @param report takes what a thread tells its process.
   */
  constructor(plan, { thread, threads }, schedule, note, report) {
    this.#plan = plan;
    this.#schedule = schedule;
    this.#note = note;
    this.#report = report;
    this.#next = thread;
    this.#step = threads;
  }

  hear(message) {
    if (message.kind !== "snapshot") this.#changes.push(message);
    else
      this.#report({ kind: "snapshot", question: message.question, open: this.#openOf(message.segmentId) });
  }

  /** What was due since the last turn is asked, answered and counted. */
  turn() {
    const now = nowUs();
    for (let [change] = this.#changes; change !== undefined && change.atUs <= now; [change] = this.#changes) {
      this.#changes.shift();
      this.#answerUntil(change.atUs);
      this.#change(change);
    }
    this.#answerUntil(now);
    for (const segment of this.#segments.filter(({ endUs }) => endUs <= this.#pumpedUs)) {
      this.#progress(segment);
      this.#segments.splice(this.#segments.indexOf(segment), 1);
      this.#report({ kind: "drained", segmentId: segment.id, endUs: segment.endUs });
    }
    if (now < this.#reportAtUs || this.#segments.length === 0) return;
    this.#reportAtUs += REPORT_EVERY_US;
    for (const segment of this.#segments) this.#progress(segment);
    this.#tellLive(now);
  }

  #change({ kind, segment, atUs }) {
    const fromUs = Math.max(atUs, this.#pumpedUs);
    const last = this.#segments.at(-1);
    if (last !== undefined) last.endUs = Math.min(last.endUs, fromUs);
    if (kind === "end") this.#stopUs = fromUs;
    else {
      this.#segments.push({
        ...segment,
        startUs: atUs,
        endUs: Number.POSITIVE_INFINITY,
        reported: 0,
        open: [],
      });
      if (this.#startUs < Number.POSITIVE_INFINITY) return;
      this.#startUs = atUs;
      this.#reportAtUs = atUs + REPORT_EVERY_US;
      this.#live.sinceUs = atUs;
    }
  }

  #answerUntil(untilUs) {
    for (;;) {
      const dueUs = this.#startUs + this.#schedule.dueUs(this.#plan, this.#next);
      if (dueUs >= untilUs || dueUs >= this.#stopUs) break;
      const segment = this.#segments.at(-1);
      const second = Math.floor((dueUs - segment.startUs) / SECOND_US);
      segment.open[second] ??= [];
      segment.open[second].push(this.#next);
      this.#live.numbers.push(this.#next);
      this.#note(segment.id, second, this.#next);
      this.#next += this.#step;
    }
    this.#pumpedUs = Math.max(this.#pumpedUs, untilUs);
  }

  /** Seconds that are complete are told once, empty ones too. */
  #progress(segment) {
    const { id, startUs, endUs } = segment;
    const lastUs = Math.min(this.#pumpedUs, endUs);
    const seconds = [];
    let answers = 0;
    for (; startUs + segment.reported * SECOND_US < lastUs; segment.reported++) {
      const second = segment.reported;
      if (startUs + (second + 1) * SECOND_US > lastUs && lastUs !== endUs) break;
      seconds.push(this.#second(segment, second));
      answers += segment.open[second]?.length ?? 0;
      segment.open[second] = undefined;
    }
    const statuses = answers === 0 ? [] : [{ name: NAME, status: 200, answers, ok: answers }];
    const traffic = { connectionsOpened: 0, bytesSent: 90 * answers, bytesReceived: 160 * answers };
    const totals = { ...traffic, reasons: [], statuses, samples: [], traces: [] };
    this.#report({ kind: "progress", segmentId: id, seconds, totals });
  }

  #openOf(segmentId) {
    const segment = this.#segments.find(({ id }) => id === segmentId);
    if (segment === undefined) return [];
    return segment.open.flatMap((numbers, second) =>
      numbers === undefined ? [] : [this.#second(segment, second)],
    );
  }

  #second({ limits, open }, second) {
    const numbers = open[second] ?? [];
    if (numbers.length === 0) return { second, names: [] };
    const none = emptySecondCounts(OUTCOMES.length, limits.length);
    const [took, lag] = [numbers.map(latencyUs), numbers.map(lagUs)];
    const dispatch = took.map((us, at) => us - lag[at]);
    const counts = {
      ...none,
      scheduled: numbers.length,
      offered: numbers.length,
      outcomes: none.outcomes.map((_, outcome) => (outcome === OUTCOME.ok ? numbers.length : 0)),
      slowDue: limits.map((limit) => over(took, limit)),
      slowDispatch: limits.map((limit) => over(dispatch, limit)),
      latency: sparse(took),
      dispatchLatency: sparse(dispatch),
      lag: sparse(lag),
    };
    return { second, names: [{ name: NAME, counts }] };
  }

  #tellLive(now) {
    const { sinceUs, numbers } = this.#live;
    const { id, limits } = this.#segments.at(-1);
    const outcomes = new Array(LIVE_COUNTS).fill(0);
    outcomes[OUTCOME.ok] = numbers.length;
    const took = numbers.map(latencyUs);
    const dispatch = numbers.map((number) => latencyUs(number) - lagUs(number));
    const slow = limits.map((limit) => over(dispatch, limit));
    const times = { atMs: now / 1000, intervalMs: (now - sinceUs) / 1000 };
    this.#report({ kind: "live", segmentId: id, ...times, outcomes, latency: sparse(took), slow });
    this.#live = { sinceUs: now, numbers: [] };
  }
}
