import { requestNames, timedIn } from "../../plan/load-mix.js";
import type { LoadPlan } from "../../plan/load-plan.js";
import { BEHIND_ANOTHER, type Channel, type ChannelOwner, type Failure } from "../channel.js";
import { AGAIN, type Answer, DEGRADED, NotYet } from "../compiled-request.js";
import { mayAskAgain } from "../counting/journey-times.js";
import { LiveCounters } from "../counting/live-counters.js";
import { SegmentReporter } from "../counting/segment-reporter.js";
import { Segments } from "../counting/segments.js";
import type { IdWriter } from "../ids/id-writer.js";
import type { Logins } from "../mix/logins.js";
import { Ticket, type VirtualUser } from "../mix/ticket.js";
import type { Wire } from "../protocol.js";
import { Deadlines } from "../schedule/deadlines.js";
import { LoopTurns } from "../schedule/loop-turns.js";
import type { Dispatcher, ModelDriver } from "../schedule/model-driver.js";
import type { Segment } from "../session.js";
import { nowUs } from "../thread-clock.js";
import type { FromThread } from "../thread-messages.js";
import type { RequestTraces } from "../tracing/request-traces.js";
import { Outcomes } from "./outcomes.js";

const LATE = "no whole answer in time";

/**
 * Runs the load of one thread. It asks the model what is due, puts it on channels and holds the deadlines. Each request
 * gets exactly one outcome.
 */
export class Engine implements ChannelOwner, Dispatcher {
  readonly #timeoutUs: number;
  readonly #reporter: SegmentReporter;
  readonly #segments: Segments;
  readonly #live: LiveCounters;
  readonly #outcomes: Outcomes;
  readonly #turns: LoopTurns;
  readonly #ids: IdWriter | null;
  readonly #traces: RequestTraces | null;
  readonly #wire: Wire;
  readonly #channels: readonly Channel[];
  readonly #deadlines: Deadlines;
  readonly #model: ModelDriver;
  #started = false;
  #isLeaving = false;
  /** Everything that was due before has its segment. */
  #pumpedUs = 0;
  /** The latest due time that has its segment. In the closed model it can be after `#pumpedUs`. */
  #lastDueUs = 0;

  /**
   * @param ids writes down the ids of requests. null: nobody's.
   * @param traces null: no request carries a trace id.
   * @param logins what users have logged in with. null: nobody logs in.
   * @param open makes this thread's channels, all of them closed.
   * @param drive makes the model that sends on them.
   */
  constructor(
    plan: LoadPlan,
    report: (message: FromThread) => void,
    ids: IdWriter | null,
    traces: RequestTraces | null,
    logins: Logins | null,
    open: (owner: ChannelOwner) => Wire,
    drive: (wire: Wire, dispatcher: Dispatcher) => ModelDriver,
  ) {
    const names = requestNames(plan.mix);
    this.#ids = ids;
    this.#traces = traces;
    this.#timeoutUs = plan.timeoutMs * 1000;
    this.#segments = new Segments([...names, ...timedIn(plan.mix).map(({ name }) => name)]);
    this.#live = new LiveCounters(names);
    this.#outcomes = new Outcomes(this.#live, ids, traces, logins);
    this.#reporter = new SegmentReporter(this.#segments, this.#live, () => this.#pumpedUs, report);
    // Deadlines may be noticed late by 2 % of the timeout, at most by 10 ms. An answer's own time decides.
    const checkEveryMs = Math.min(10, Math.max(1, Math.floor(plan.timeoutMs / 50)));
    this.#turns = new LoopTurns(
      checkEveryMs,
      (now, hasRead) => this.#turn(now, hasRead),
      (us) => this.#stoodStill(us),
    );
    const wire = open(this);
    this.#wire = wire;
    this.#channels = wire.channels;
    this.#deadlines = new Deadlines(this.#channels, (channel, ticket, now) =>
      this.#cutOff(channel, ticket, now),
    );
    this.#model = drive(wire, this);
  }

  get turnStartUs(): number {
    return this.#turns.startUs;
  }

  begin(segment: Segment, atUs: number): void {
    this.#reporter.live();
    this.#segments.begin(segment, atUs, this.#assignedUpToUs());
    this.#reporter.begun(atUs);
    if (!this.#started) {
      this.#started = true;
      this.#model.start(atUs);
      this.#live.restart(atUs, segment.limits);
      this.#ids?.begin(atUs);
    }
    this.#model.goOnAt(atUs);
    this.#turn(nowUs(), false);
  }

  end(atUs: number): void {
    this.#segments.end(Math.max(atUs, this.#assignedUpToUs()));
    this.#reporter.ended();
    this.#model.stopAt(atUs);
  }

  snapshot(segmentId: string, question: number): void {
    this.#reporter.snapshot(segmentId, question);
  }

  /** Its connections want an end of their own. */
  get takesLeave(): boolean {
    return this.#wire.leave !== undefined;
  }

  /** Nothing goes out any more, and nothing is counted. Resolves when the thread may end. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    await this.#wire.leave?.();
  }

  // Dispatcher

  schedule(dueUs: number, user: VirtualUser): Ticket | null {
    const segment = this.#segments.at(dueUs);
    if (segment === null) return null;
    if (dueUs > this.#lastDueUs) this.#lastDueUs = dueUs;
    const ticket = new Ticket(dueUs, this.#timeoutUs, user, segment);
    if (this.#traces !== null) ticket.trace = this.#traces.number();
    user.clock?.due(dueUs, ticket.asksAgain);
    return ticket;
  }

  send(ticket: Ticket, channel: Channel, lagUs: number): void {
    ticket.lagUs = Math.max(0, lagUs);
    ticket.segment.offered(ticket.dueUs + ticket.lagUs, ticket.name);
    this.#deadlines.add(ticket.deadlineUs);
    channel.send(ticket);
  }

  unsent(ticket: Ticket, isOwnDoing: boolean): void {
    // Unread answers make connections look busy.
    const byGenerator = isOwnDoing || this.#turns.areSaturated;
    const reason = byGenerator ? "the load generator could not keep up" : "no connection free in time";
    // It was there in time. The system had no connection for it.
    if (!byGenerator) ticket.segment.offered(ticket.dueUs, ticket.name);
    this.#outcomes.unsent(ticket, byGenerator, reason);
  }

  // ChannelOwner

  answered(channel: Channel, ticket: Ticket, answer: Answer): void {
    if (this.#isLeaving) return;
    const now = this.#turns.enter();
    // It may have lain unread while the answers before it in this turn were handled.
    addLag(ticket, now - this.#turns.startUs, now);
    if (now > ticket.deadlineUs) {
      this.#timedOut(channel, ticket, now);
      return;
    }
    const { request } = ticket;
    const judged = request.judge(answer, ticket.user.scope, ticket.heard);
    // Looking into an answer takes time that is not the system's. What follows leaves late by that.
    const handledUs = request.looksInto ? nowUs() : now;
    if (judged === AGAIN) {
      this.#goOn(channel, ticket, answer, handledUs - now);
      return;
    }
    const isAgain = judged !== null && judged instanceof NotYet && mayAskAgain(ticket, now);
    const reason = isAgain || judged === DEGRADED ? null : judged instanceof NotYet ? judged.reason : judged;
    ticket.segment.answered(ticket.name, answer.status, reason === null);
    const isDegraded = judged === DEGRADED || (isAgain && judged.isDegraded);
    const ending =
      reason === null
        ? this.#outcomes.ok(ticket, answer.status, now, isDegraded, isAgain)
        : this.#outcomes.bad(ticket, answer, reason, now);
    this.#model.ended(ticket, channel, ending, now, handledUs);
  }

  failed(channel: Channel, ticket: Ticket, failure: Failure): void {
    if (this.#isLeaving) return;
    const now = this.#turns.enter();
    if (now > ticket.deadlineUs) {
      this.#timedOut(channel, ticket, now);
    } else if (failure.kind === "generator") {
      this.#outcomes.unsent(ticket, true, failure.reason);
      this.#model.ended(ticket, channel, "refused", now, now);
    } else {
      const ending = this.#outcomes.broken(ticket, failure.kind, failure.reason, now);
      this.#model.ended(ticket, channel, ending, now, now);
    }
  }

  lost(channel: Channel): void {
    this.#model.lost(channel);
  }

  opened(): void {
    this.#reporter.traffic.opened();
  }

  sent(bytes: number): void {
    this.#reporter.traffic.sent(bytes);
  }

  sentAgain(): void {
    this.#reporter.traffic.sentAgain();
  }

  received(bytes: number): void {
    this.#turns.noteArrival();
    this.#reporter.traffic.received(bytes);
  }

  /** The answer led elsewhere, and is followed within the request's own time. */
  #goOn(channel: Channel, ticket: Ticket, answer: Answer, lookedUs: number): void {
    // A new connection is challenged, whatever the system is like: that is no status that it shows.
    const isChallenge = ticket.request.isChallenge?.(answer) === true;
    if (!isChallenge) ticket.segment.answered(ticket.name, answer.status, true);
    ticket.segment.redirected(ticket.second, ticket.name);
    ticket.isFollowing = true;
    // What was heard is of the answer that led here.
    ticket.heard = null;
    ticket.lagUs += lookedUs;
    this.#deadlines.add(ticket.deadlineUs);
    channel.send(ticket);
  }

  #timedOut(channel: Channel, ticket: Ticket, now: number): void {
    const ending = this.#outcomes.late(ticket, whatIsMissing(ticket), true, now);
    this.#model.ended(ticket, channel, ending, now, now);
  }

  // The event loop's turns

  /** Answers may have lain unread for that long. So much of their latency may be the generator's. */
  #stoodStill(us: number): void {
    const now = this.#turns.startUs;
    for (const { tickets } of this.#channels) {
      for (const ticket of tickets) addLag(ticket, us, now);
    }
  }

  #turn(now: number, hasRead: boolean): void {
    if (!this.#started || this.#isLeaving) return;
    this.#reporter.turn(now);
    this.#model.pump(now, hasRead);
    this.#pumpedUs = now;
    this.#deadlines.turn(now);
    this.#turns.wakeAt(this.#model.nextDueUs(), this.#model.followingDueUs());
  }

  #cutOff(channel: Channel, ticket: Ticket, now: number): void {
    const notSent = whyNotSent(channel, ticket);
    const hasLeft = notSent === null || ticket.isFollowing;
    const reason = notSent ?? whatIsMissing(ticket);
    const lost = channel.giveUp(ticket);
    const ending = this.#outcomes.late(ticket, reason, hasLeft, now);
    this.#model.ended(ticket, channel, ending, now, now);
    for (const other of lost) this.failed(channel, other, BEHIND_ANOTHER);
  }

  /** A boundary between segments can only be after this. */
  #assignedUpToUs(): number {
    // A segment's end is not part of it.
    return Math.max(this.#pumpedUs, this.#lastDueUs + 0.001);
  }
}

/** null: it has left. */
function whyNotSent(channel: Channel, ticket: Ticket): string | null {
  if (channel.notSentBecause !== undefined) return channel.notSentBecause(ticket);
  return channel.isOpen ? null : "no connection in time";
}

/** Why it is a timeout. */
function whatIsMissing(ticket: Ticket): string {
  const progress = ticket.heard?.progress ?? ticket.request.progress?.(ticket) ?? null;
  return progress === null ? LATE : `${progress} in time`;
}

/** So much of the time that the request has taken until now may be the generator's own. */
function addLag(ticket: Ticket, us: number, nowUs: number): void {
  ticket.lagUs += Math.max(0, Math.min(us, nowUs - ticket.dueUs - ticket.lagUs));
}
