import type { Arrivals } from "./arrivals.js";
import type { Connection } from "./connection.js";
import type { ConnectionPool } from "./connection-pool.js";
import { DueHeap } from "./due-heap.js";
import { Fifo } from "./fifo.js";
import type { Dispatcher, Ending, ModelDriver } from "./model-driver.js";
import type { Ticket, Visit } from "./ticket.js";
import { Visits } from "./visits.js";

/**
 * A request that has waited for a connection for this share of its timeout is not sent any more. When connections are
 * scarce the queue is as long as the timeout, and with the whole of it every request would be sent just too late to
 * be answered: all of the capacity would go into timeouts.
 */
const PATIENCE = 0.9;

/** Which of the common schedule's arrivals are this thread's: number `thread`, then every `threads`-th. */
export interface Share {
  readonly thread: number;
  readonly threads: number;
}

/** Requests are due on a schedule whatever the system does; they wait for a connection when none is free. */
export class OpenModel implements ModelDriver {
  readonly #arrivals: Arrivals;
  readonly #share: Share;
  readonly #visits: Visits;
  readonly #pool: ConnectionPool;
  readonly #dispatcher: Dispatcher;
  readonly #patienceUs: number;
  readonly #steps = new DueHeap<Visit>();
  readonly #waiting = new Fifo<Ticket>();
  #startUs = 0;
  #stopUs = Number.POSITIVE_INFINITY;
  #nextArrivalUs = Number.POSITIVE_INFINITY;
  #followingArrivalUs = Number.POSITIVE_INFINITY;

  constructor(
    arrivals: Arrivals,
    share: Share,
    visits: Visits,
    pool: ConnectionPool,
    dispatcher: Dispatcher,
    timeoutMs: number,
  ) {
    this.#patienceUs = timeoutMs * 1000 * PATIENCE;
    this.#arrivals = arrivals;
    this.#share = share;
    this.#visits = visits;
    this.#pool = pool;
    this.#dispatcher = dispatcher;
  }

  start(startUs: number): void {
    this.#startUs = startUs;
    for (let others = 0; others < this.#share.thread; others++) {
      this.#arrivals.next();
      this.#visits.skip();
    }
    this.#nextArrivalUs = startUs + this.#arrivals.next();
    this.#followingArrivalUs = this.#drawArrival();
  }

  stopAt(endUs: number): void {
    this.#stopUs = endUs;
  }

  nextDueUs(): number {
    const dueUs = Math.min(this.#nextArrivalUs, this.#steps.nextDueUs);
    return dueUs < this.#stopUs ? dueUs : Number.POSITIVE_INFINITY;
  }

  followingDueUs(): number {
    const { nextDueUs } = this.#steps;
    const dueUs =
      nextDueUs < this.#nextArrivalUs ? this.#nextArrivalUs : Math.min(nextDueUs, this.#followingArrivalUs);
    return dueUs < this.#stopUs ? dueUs : Number.POSITIVE_INFINITY;
  }

  pump(nowUs: number): void {
    for (let dueUs = this.nextDueUs(); dueUs <= nowUs; dueUs = this.nextDueUs()) {
      const ticket = this.#dispatcher.schedule(dueUs, this.#takeVisit(dueUs));
      if (ticket !== null) this.#admit(ticket, nowUs);
    }
  }

  ended(ticket: Ticket, connection: Connection | null, ending: Ending, nowUs: number): void {
    const next = ending === "good" ? Visits.next(ticket.visit) : null;
    if (next !== null) {
      // By way of the heap, so that steps and arrivals are scheduled in the order in which they are due.
      this.#steps.push(nowUs + ticket.request.thinkTimeUs, next);
      this.pump(nowUs);
    }
    if (connection !== null) this.#free(connection, nowUs);
  }

  expire(nowUs: number): void {
    for (let first = this.#waiting.first; first; first = this.#waiting.first) {
      if (nowUs <= first.dueUs + this.#patienceUs) return;
      this.#waiting.shift();
      this.#dispatcher.unsent(first, false);
    }
  }

  #takeVisit(dueUs: number): Visit {
    if (dueUs < this.#nextArrivalUs) return this.#steps.pop()!;
    this.#nextArrivalUs = this.#followingArrivalUs;
    this.#followingArrivalUs = this.#drawArrival();
    const visit = this.#visits.begin();
    for (let others = 1; others < this.#share.threads; others++) this.#visits.skip();
    return visit;
  }

  /** This thread's next one, past those of the others. */
  #drawArrival(): number {
    for (let others = 1; others < this.#share.threads; others++) this.#arrivals.next();
    return this.#startUs + this.#arrivals.next();
  }

  #admit(ticket: Ticket, nowUs: number): void {
    // So late that it could not even be tried: nobody's fault but ours.
    if (nowUs > ticket.deadlineUs) {
      this.#dispatcher.unsent(ticket, true);
      return;
    }
    const connection = this.#pool.take();
    if (connection === null) this.#waiting.push(ticket);
    else this.#dispatcher.send(ticket, connection, nowUs - ticket.dueUs);
  }

  #free(connection: Connection, nowUs: number): void {
    this.expire(nowUs);
    const waiting = this.#waiting.shift();
    if (waiting === undefined) {
      this.#pool.giveBack(connection);
      return;
    }
    // It waited for a connection, which is the system's time. What the answer that freed this one may have lain
    // unread in this turn of the event loop is ours.
    const freeSinceUs = Math.max(waiting.dueUs, this.#dispatcher.turnStartUs);
    this.#dispatcher.send(waiting, connection, Math.max(0, nowUs - freeSinceUs));
  }
}
