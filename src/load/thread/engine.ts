import { OUTCOME } from "../../measure/outcome.js";
import type { LoadPlan } from "../../plan/load-plan.js";
import { requestNames } from "../../plan/request-names.js";
import { messageOf } from "../../support/errors.js";
import type { Segment } from "../session.js";
import { AnswerBody } from "../http1/answer-body.js";
import type { Answer } from "../http1/answer-reader.js";
import { beginningOf } from "../counting/answer-sample.js";
import { BEHIND_ANOTHER, type Connection, type ConnectionOwner } from "../http1/connection.js";
import type { Failure } from "../http1/connection-errors.js";
import { Deadlines } from "../schedule/deadlines.js";
import { LiveCounters } from "../counting/live-counters.js";
import { LoopTurns } from "../schedule/loop-turns.js";
import type { FromThread } from "../thread-messages.js";
import type { Dispatcher, Ending, ModelDriver } from "../schedule/model-driver.js";
import { Reporter } from "../counting/reporter.js";
import { RoundTrip } from "../http1/round-trip.js";
import { Segments } from "../counting/segments.js";
import { nowUs } from "../thread-clock.js";
import { Ticket, type Visit } from "../mix/ticket.js";

const FAILURES = {
  refused: { outcome: OUTCOME.refused, ending: "refused" },
  reset: { outcome: OUTCOME.reset, ending: "bad" },
  malformed: { outcome: OUTCOME.httpError, ending: "bad" },
} as const;

/**
 * Runs the load of one thread: asks the model what is due, puts it on connections, holds the deadlines and records
 * exactly one outcome for each request.
 */
export class Engine implements ConnectionOwner, Dispatcher {
  readonly verifyTls: boolean;
  readonly keepAlive: boolean;
  readonly pipelining: number;
  readonly roundTrip = new RoundTrip();
  readonly #timeoutUs: number;
  readonly #reporter: Reporter;
  readonly #segments: Segments;
  readonly #live: LiveCounters;
  readonly #turns: LoopTurns;
  readonly #connections: readonly Connection[];
  readonly #deadlines: Deadlines;
  readonly #model: ModelDriver;
  #started = false;
  /** Everything that was due before has its segment. */
  #pumpedUs = 0;
  /** The latest due time that has its segment: in the closed model it can be after `#pumpedUs`. */
  #lastDueUs = 0;

  /** `open` makes this thread's connections, all of them closed; `drive` the model that will send on them. */
  constructor(
    plan: LoadPlan,
    open: (owner: ConnectionOwner) => readonly Connection[],
    drive: (connections: readonly Connection[], dispatcher: Dispatcher) => ModelDriver,
    report: (message: FromThread) => void,
  ) {
    const names = requestNames(plan.mix);
    this.verifyTls = plan.target.tls?.verify ?? true;
    this.keepAlive = plan.keepAlive;
    this.pipelining = plan.pipelining;
    this.#timeoutUs = plan.timeoutMs * 1000;
    this.#segments = new Segments(names);
    this.#live = new LiveCounters(names);
    this.#reporter = new Reporter(this.#segments, this.#live, () => this.#pumpedUs, report);
    // Deadlines may be noticed late by 2 % of the timeout and 10 ms at most; an answer's own time decides.
    const checkEveryMs = Math.min(10, Math.max(1, Math.floor(plan.timeoutMs / 50)));
    this.#turns = new LoopTurns(
      checkEveryMs,
      (now, hasRead) => this.#turn(now, hasRead),
      (us) => this.#stoodStill(us),
    );
    this.#connections = open(this);
    this.#deadlines = new Deadlines(this.#connections, (connection, now) => this.#cutOff(connection, now));
    this.#model = drive(this.#connections, this);
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

  // Dispatcher

  schedule(dueUs: number, visit: Visit): Ticket | null {
    const segment = this.#segments.at(dueUs);
    if (segment === null) return null;
    if (dueUs > this.#lastDueUs) this.#lastDueUs = dueUs;
    return new Ticket(dueUs, this.#timeoutUs, visit, segment);
  }

  send(ticket: Ticket, connection: Connection, lagUs: number): void {
    ticket.lagUs = Math.max(0, lagUs);
    ticket.segment.offered(ticket.dueUs + ticket.lagUs, ticket.request.name);
    this.#deadlines.add(ticket.deadlineUs);
    connection.send(ticket);
  }

  unsent(ticket: Ticket, isOwnDoing: boolean): void {
    // Answers that lie unread make connections look busy that are not.
    const byGenerator = isOwnDoing || this.#turns.areSaturated;
    const reason = byGenerator ? "the load generator could not keep up" : "no connection free in time";
    // It was there in time; the system had no connection for it.
    if (!byGenerator) ticket.segment.offered(ticket.dueUs, ticket.request.name);
    this.#unsent(ticket, byGenerator, reason);
  }

  // ConnectionOwner

  answered(connection: Connection, ticket: Ticket, answer: Answer): void {
    const now = this.#turns.enter();
    // It may have lain unread while the answers before it in this turn were handled.
    addLag(ticket, now - this.#turns.startUs, now);
    if (now > ticket.deadlineUs) {
      this.#timedOut(connection, ticket, now);
      return;
    }
    const { name, check, captures } = ticket.request;
    let reason = check.statusOk(answer.status) ? null : check.statusReason(answer.status);
    let handledUs = now;
    if (reason === null && (check.inspect !== null || captures.length > 0)) {
      reason = inspect(ticket, answer);
      // To look into an answer takes time that is not the system's: what follows leaves late by that.
      handledUs = nowUs();
    }
    ticket.segment.answered(name, answer.status, reason === null);
    if (reason === null) {
      const latencyUs = now - ticket.dueUs;
      ticket.segment.ok(ticket.second, name, latencyUs, ticket.lagUs);
      this.#live.ok(name, latencyUs, ticket.lagUs);
      this.#model.ended(ticket, connection, "good", now, handledUs);
    } else {
      if (ticket.segment.lacksSample(reason)) {
        ticket.segment.sample({ name, reason, status: answer.status, body: beginningOf(answer.body) });
      }
      this.#failed(connection, ticket, OUTCOME.httpError, reason, "bad", now, handledUs);
    }
  }

  failed(connection: Connection, ticket: Ticket, failure: Failure): void {
    const now = this.#turns.enter();
    if (now > ticket.deadlineUs) {
      this.#timedOut(connection, ticket, now);
    } else if (failure.kind === "generator") {
      this.#unsent(ticket, true, failure.reason);
      this.#model.ended(ticket, connection, "refused", now, now);
    } else {
      const { outcome, ending } = FAILURES[failure.kind];
      this.#failed(connection, ticket, outcome, failure.reason, ending, now);
    }
  }

  lost(connection: Connection): void {
    this.#model.lost(connection);
  }

  opened(): void {
    this.#reporter.traffic.opened();
  }

  sent(bytes: number): void {
    this.#reporter.traffic.sent(bytes);
  }

  received(bytes: number): void {
    this.#turns.noteArrival();
    this.#reporter.traffic.received(bytes);
  }

  // Outcomes

  #timedOut(connection: Connection, ticket: Ticket, now: number): void {
    this.#failed(connection, ticket, OUTCOME.timeout, "no whole answer in time", "bad", now);
  }

  #failed(
    connection: Connection,
    ticket: Ticket,
    outcome: number,
    reason: string,
    ending: Ending,
    endedUs: number,
    handledUs = endedUs,
  ): void {
    ticket.segment.failed(ticket.second, ticket.request.name, outcome, ticket.lagUs);
    ticket.segment.reason(ticket.request.name, reason);
    this.#live.failed(ticket.request.name, outcome);
    this.#model.ended(ticket, connection, ending, endedUs, handledUs);
  }

  #unsent(ticket: Ticket, byGenerator: boolean, reason: string): void {
    ticket.segment.unsent(ticket.second, ticket.request.name, byGenerator);
    ticket.segment.reason(ticket.request.name, `unsent: ${reason}`);
    this.#live.unsent(ticket.request.name, byGenerator);
  }

  // The event loop's turns

  /** Answers may have lain unread for that long: so much of their latency may be the generator's. */
  #stoodStill(us: number): void {
    const now = this.#turns.startUs;
    for (const { tickets } of this.#connections) {
      for (const ticket of tickets) addLag(ticket, us, now);
    }
  }

  #turn(now: number, hasRead: boolean): void {
    if (!this.#started) return;
    this.#reporter.turn(now);
    this.#model.pump(now, hasRead);
    this.#pumpedUs = now;
    this.#deadlines.turn(now);
    this.#turns.wakeAt(this.#model.nextDueUs(), this.#model.followingDueUs());
  }

  #cutOff(connection: Connection, now: number): void {
    const reason = connection.isOpen ? "no whole answer in time" : "no connection in time";
    const [first, ...behind] = connection.close();
    if (first === undefined) return;
    this.#failed(connection, first, OUTCOME.timeout, reason, "bad", now);
    for (const ticket of behind) this.failed(connection, ticket, BEHIND_ANOTHER);
  }

  /** A boundary between segments can only be after this. */
  #assignedUpToUs(): number {
    // A segment's end is not part of it.
    return Math.max(this.#pumpedUs, this.#lastDueUs + 0.001);
  }
}

/** So much of what the request has taken until now may be the generator's own time. */
function addLag(ticket: Ticket, us: number, nowUs: number): void {
  ticket.lagUs += Math.max(0, Math.min(us, nowUs - ticket.dueUs - ticket.lagUs));
}

/** null when all is as expected; an answer that is too much for us (nested too deeply) is not. */
function inspect(ticket: Ticket, answer: Answer): string | null {
  try {
    return problemOf(ticket, answer);
  } catch (error) {
    return `answer that cannot be looked into: ${messageOf(error)}`;
  }
}

/** Looks at headers and body and takes the captures. */
function problemOf(ticket: Ticket, answer: Answer): string | null {
  const body = new AnswerBody(answer.body);
  const { check, captures } = ticket.request;
  const reason = check.inspect?.(answer.headers, body) ?? null;
  if (reason !== null) return reason;
  for (const capture of captures) {
    const value = capture.find(answer.headers, body);
    if (value === null) return `capture ${capture.name} found nothing`;
    const problem = capture.problem(value);
    if (problem !== null) return `capture ${capture.name} ${problem}`;
    ticket.visit.scope.captures.set(capture.name, value);
  }
  return null;
}
