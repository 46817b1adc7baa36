import { type LatencyLimit, limitsOf } from "./latency-limits.js";
import { OTHER_REASONS, OUTCOME } from "./outcome.js";
import type { NameReasons, NameSample, SecondReport, SegmentTotals } from "./segment-accumulator.js";
import { type NameCounts, reportOf, type SecondRecorder, SpareCounts } from "./segments/second-recorder.js";
import { StatusTally } from "./segments/status-tally.js";
import { NotedTraces } from "./tracing/noted-traces.js";

/** Kinds of reasons of one request name that are kept between two reports. The accumulator reduces them further. */
const MAX_REASONS = 200;

/** Bad answers that are kept as examples, one for each reason. */
const MAX_SAMPLES = 20;

/** Counts one segment's requests in one load thread. Every request ends in exactly one outcome. */
export class SegmentRecorder {
  readonly id: string;
  readonly startUs: number;
  /** Requests that are due from here on belong to the next segment. Infinite while the end is not known. */
  endUs = Number.POSITIVE_INFINITY;
  readonly limits: readonly LatencyLimit[];
  readonly traces = new NotedTraces();
  readonly #nameLimits: readonly Float64Array[];
  readonly #seconds = new Map<number, SecondRecorder>();
  /** The second that was used last. Most requests find theirs here. */
  #recent: SecondRecorder | null = null;
  #firstOpen = 0;
  #unsettled = 0;
  #connectionsOpened = 0;
  #bytesSent = 0;
  #bytesReceived = 0;
  #sentAgain = 0;
  /** By the name's number in the mix. */
  readonly #reasons: readonly Map<string, number>[];
  /** By the name's number in the mix, then by status. */
  readonly #statuses: readonly StatusTally[];
  readonly #sampledReasons = new Set<string>();
  #samples: NameSample[] = [];
  readonly #spare: SpareCounts;

  /**
   * @param startUs on the threads' common clock, as all times here.
   * @param requestNames in the order of the mix.
   * @param spare shared by the segments that follow one another.
   */
  constructor(
    id: string,
    startUs: number,
    requestNames: readonly string[],
    limits: readonly LatencyLimit[],
    spare = new SpareCounts(),
  ) {
    this.id = id;
    this.startUs = startUs;
    this.limits = limits;
    this.#nameLimits = requestNames.map((name) => Float64Array.from(limitsOf(name, limits)));
    this.#reasons = requestNames.map(() => new Map());
    this.#statuses = requestNames.map(() => new StatusTally());
    this.#spare = spare;
  }

  /** Requests that are due or sent and have no outcome yet. */
  get unsettled(): number {
    return this.#unsettled;
  }

  /** Notes that a request is due. The counts that it returns take the request's outcome. */
  schedule(dueUs: number, name: number): SecondRecorder {
    const second = Math.max(0, Math.floor((dueUs - this.startUs) / 1e6));
    const counts = this.#secondAt(second);
    counts.unsettled++;
    this.#unsettled++;
    this.#countsOf(counts, name).scheduled++;
    return counts;
  }

  /**
   * The generator let a request go, or let it wait for a connection. Counted in the second in which it did so. After
   * the segment's end it is counted nowhere.
   */
  offered(atUs: number, name: number): void {
    if (atUs >= this.endUs) return;
    const second = Math.max(0, Math.floor((atUs - this.startUs) / 1e6));
    // A request that has no outcome yet keeps its own second, and so all later ones, from being reported.
    if (second < this.#firstOpen) return;
    this.#countsOf(this.#secondAt(second), name).offered++;
  }

  /** An `ok` answer. */
  ok(second: SecondRecorder, name: number, latencyUs: number, lagUs: number): void {
    const counts = this.#settle(second, name, OUTCOME.ok);
    const dispatchUs = latencyUs - lagUs;
    counts.latency.record(latencyUs);
    counts.dispatchLatency.record(dispatchUs);
    counts.lag.record(lagUs);
    const limits = this.#nameLimits[name]!;
    // Without a branch for the first slow answer: such a branch would make the engine compile this code anew.
    for (let i = 0; i < limits.length; i++) {
      counts.slowDue[i]! += latencyUs > limits[i]! ? 1 : 0;
      counts.slowDispatch[i]! += dispatchUs > limits[i]! ? 1 : 0;
    }
  }

  /** An answer that was counted as `ok` and is a fallback. */
  degraded(second: SecondRecorder, name: number, latencyUs: number): void {
    const counts = this.#countsOf(second, name);
    counts.degraded++;
    counts.degradedLatency.record(latencyUs);
  }

  /** An answer that led elsewhere, and was followed. The request itself goes on. */
  redirected(second: SecondRecorder, name: number): void {
    this.#countsOf(second, name).redirects++;
  }

  /** A request that was sent and failed. */
  failed(second: SecondRecorder, name: number, outcome: number, latencyUs: number, lagUs: number): void {
    const counts = this.#settle(second, name, outcome);
    counts.lag.record(lagUs);
    counts.failures.record(outcome, latencyUs, lagUs, this.#nameLimits[name]!);
  }

  /**
   * Something longer than a request has ended with one that was due in that second.
   * @param name the number under which it is timed, behind those of all requests.
   * @param byGenerator as of `unsent`.
   */
  timed(
    second: SecondRecorder,
    name: number,
    outcome: number,
    tookUs: number,
    lagUs: number,
    byGenerator: boolean,
  ): void {
    this.#countsOf(second, name).scheduled++;
    second.unsettled++;
    this.#unsettled++;
    const ownUs = Math.min(lagUs, tookUs);
    if (outcome === OUTCOME.ok) this.ok(second, name, tookUs, ownUs);
    else if (outcome === OUTCOME.unsent) this.unsent(second, name, byGenerator);
    else this.failed(second, name, outcome, tookUs, ownUs);
  }

  /** @param byGenerator true: the generator had no time or no means to send it. false: the system was slow. */
  unsent(second: SecondRecorder, name: number, byGenerator: boolean): void {
    const counts = this.#settle(second, name, OUTCOME.unsent);
    if (byGenerator) counts.unsentByGenerator++;
  }

  reason(name: number, text: string): void {
    const reasons = this.#reasons[name]!;
    const key = reasons.has(text) || reasons.size < MAX_REASONS ? text : OTHER_REASONS;
    reasons.set(key, (reasons.get(key) ?? 0) + 1);
  }

  /** A whole answer in time. */
  answered(name: number, status: number, isOk: boolean): void {
    this.#statuses[name]!.count(status, isOk);
  }

  /** Whether no answer is kept yet that was bad for this reason. */
  lacksSample(reason: string): boolean {
    return this.#sampledReasons.size < MAX_SAMPLES && !this.#sampledReasons.has(reason);
  }

  /** Keeps a bad answer as an example, one for each reason. */
  sample(sample: NameSample): void {
    if (!this.lacksSample(sample.reason)) return;
    this.#sampledReasons.add(sample.reason);
    this.#samples.push(sample);
  }

  /** `sentAgain`: requests that the other side had not processed. */
  traffic(connectionsOpened: number, bytesSent: number, bytesReceived: number, sentAgain: number): void {
    this.#connectionsOpened += connectionsOpened;
    this.#bytesSent += bytesSent;
    this.#bytesReceived += bytesReceived;
    this.#sentAgain += sentAgain;
  }

  /**
   * Takes out the seconds that are over at `nowUs` and have no request without an outcome. Each second is reported
   * once, empty ones too.
   */
  takeCompleted(nowUs: number): SecondReport[] {
    const reports: SecondReport[] = [];
    const lastUs = Math.min(nowUs, this.endUs);
    // In order: "everything below #firstOpen is reported" is all there is to remember.
    for (let second = this.#firstOpen; this.startUs + second * 1e6 < lastUs; second++) {
      if (this.startUs + (second + 1) * 1e6 > lastUs && lastUs !== this.endUs) break;
      const open = this.#seconds.get(second);
      if (open !== undefined && open.unsettled > 0) break;
      reports.push(open === undefined ? { second, names: [] } : reportOf(open));
      if (open !== undefined) this.#drop(open);
      this.#firstOpen = second + 1;
    }
    return reports;
  }

  /** What is known of the seconds that were not taken out yet. */
  peekOpen(): SecondReport[] {
    return [...this.#seconds.values()].map(reportOf);
  }

  takeTotals(): SegmentTotals {
    const totals = {
      connectionsOpened: this.#connectionsOpened,
      bytesSent: this.#bytesSent,
      bytesReceived: this.#bytesReceived,
      ...(this.#sentAgain > 0 ? { sentAgain: this.#sentAgain } : {}),
      reasons: this.#takeReasons(),
      statuses: this.#statuses.flatMap((tally, name) => tally.take(name)),
      samples: this.#samples,
      traces: this.traces.take(),
    };
    this.#samples = [];
    this.#connectionsOpened = 0;
    this.#bytesSent = 0;
    this.#bytesReceived = 0;
    this.#sentAgain = 0;
    return totals;
  }

  #takeReasons(): NameReasons[] {
    const taken = this.#reasons.flatMap((reasons, name) =>
      reasons.size === 0 ? [] : [{ name, reasons: Object.fromEntries(reasons) }],
    );
    for (const { name } of taken) this.#reasons[name]!.clear();
    return taken;
  }

  #secondAt(second: number): SecondRecorder {
    const recent = this.#recent;
    return recent !== null && recent.second === second ? recent : this.#openSecond(second);
  }

  #openSecond(second: number): SecondRecorder {
    let open = this.#seconds.get(second);
    if (open === undefined) {
      open = { second, unsettled: 0, names: this.#nameLimits.map(() => null) };
      this.#seconds.set(second, open);
    }
    this.#recent = open;
    return open;
  }

  #countsOf(second: SecondRecorder, name: number): NameCounts {
    second.names[name] ??= this.#spare.take(this.#nameLimits[name]!.length);
    return second.names[name];
  }

  #settle(second: SecondRecorder, name: number, outcome: number): NameCounts {
    const counts = second.names[name];
    if (!counts) throw new Error("a request ended in a second that was already reported");
    second.unsettled--;
    this.#unsettled--;
    counts.outcomes[outcome]!++;
    return counts;
  }

  #drop(second: SecondRecorder): void {
    this.#seconds.delete(second.second);
    if (this.#recent === second) this.#recent = null;
    for (const counts of second.names) if (counts !== null) this.#spare.giveBack(counts);
    second.names.fill(null);
  }
}
