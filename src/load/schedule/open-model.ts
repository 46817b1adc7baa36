import type { Channel } from "../channel.js";
import type { Ticket, VirtualUser } from "../mix/ticket.js";
import type { VirtualUsers } from "../mix/virtual-users.js";
import type { Share } from "../share.js";
import type { Arrivals } from "./arrivals.js";
import { CatchUpLimit } from "./catch-up-limit.js";
import type { ChannelPool } from "./channel-pool.js";
import { DueHeap } from "./due-heap.js";
import { Fifo } from "./fifo.js";
import { type Dispatcher, type Ending, type ModelDriver, userAfter } from "./model-driver.js";

/**
 * Share of its timeout. A request that has waited for a channel for longer is not sent any more. When channels are
 * scarce, the queue is as long as the timeout. With the whole timeout, every request would be sent just too late to be
 * answered, and all of the capacity would go into timeouts.
 */
const PATIENCE = 0.9;

/** A generator that schedules a request later than this stood still. Below it lies the precision of its schedule. */
const STANDSTILL_US = 2_000;

/**
 * Requests are due on a schedule, whatever the system does. They wait for a channel when none is free. All threads draw
 * the same schedule. Arrival number `thread` is this thread's, and then every `threads`-th.
 */
export class OpenModel implements ModelDriver {
  readonly #arrivals: Arrivals;
  readonly #share: Share;
  readonly #users: VirtualUsers;
  readonly #pool: ChannelPool;
  readonly #dispatcher: Dispatcher;
  readonly #patienceUs: number;
  readonly #steps = new DueHeap<VirtualUser>();
  readonly #waiting = new Fifo<Ticket>();
  readonly #catchUp = new CatchUpLimit();
  /** Since when requests wait although there is a channel for them. Infinite: they do not. */
  #heldSinceUs = Number.POSITIVE_INFINITY;
  /**
   * How long the generator has stood still since requests began to wait. Its share in their wait is at most that. What
   * was due meanwhile left in a burst, and what is due until the burst is over waits behind it.
   */
  #standstillUs = 0;
  /** When the longest part of it was over. */
  #standstillEndUs = 0;
  #startUs = 0;
  #stopUs = Number.POSITIVE_INFINITY;
  /** After a stop: when load went on. */
  #wentOnUs = 0;
  #nextArrivalUs = Number.POSITIVE_INFINITY;
  #followingArrivalUs = Number.POSITIVE_INFINITY;

  constructor(
    arrivals: Arrivals,
    share: Share,
    users: VirtualUsers,
    pool: ChannelPool,
    dispatcher: Dispatcher,
    timeoutMs: number,
  ) {
    this.#patienceUs = timeoutMs * 1000 * PATIENCE;
    this.#arrivals = arrivals;
    this.#share = share;
    this.#users = users;
    this.#pool = pool;
    this.#dispatcher = dispatcher;
  }

  start(startUs: number): void {
    this.#startUs = startUs;
    for (let others = 0; others < this.#share.thread; others++) {
      this.#arrivals.next();
      this.#users.skip();
    }
    this.#nextArrivalUs = startUs + this.#arrivals.next();
    this.#followingArrivalUs = this.#drawArrival();
  }

  stopAt(endUs: number): void {
    this.#stopUs = endUs;
  }

  goOnAt(startUs: number): void {
    // What is due in between is drawn as usual, and belongs to no segment.
    if (this.#stopUs < Number.POSITIVE_INFINITY) this.#wentOnUs = startUs;
    this.#stopUs = Number.POSITIVE_INFINITY;
  }

  lost(channel: Channel): void {
    this.#pool.moveToClosed(channel);
  }

  nextDueUs(): number {
    return Math.min(this.#heldSinceUs, this.#nextToScheduleUs());
  }

  followingDueUs(): number {
    const { nextDueUs } = this.#steps;
    const dueUs =
      nextDueUs < this.#nextArrivalUs ? this.#nextArrivalUs : Math.min(nextDueUs, this.#followingArrivalUs);
    return dueUs < this.#stopUs ? dueUs : Number.POSITIVE_INFINITY;
  }

  pump(nowUs: number, hasRead: boolean): void {
    if (hasRead) this.#catchUp.renew();
    const stoodStillUs = this.#noteStandstill(nowUs);
    this.#expire(nowUs);
    this.#sendHeld(nowUs);
    // An empty queue has forgotten the standstill, but what was due meanwhile is still to come.
    this.#standstillUs = Math.max(this.#standstillUs, stoodStillUs);
    this.#scheduleDue(nowUs);
  }

  ended(ticket: Ticket, channel: Channel, ending: Ending, endedUs: number, nowUs: number): void {
    const next = userAfter(ticket, ending);
    if (next !== null) {
      // By way of the heap, so that steps and arrivals are scheduled in the order in which they are due.
      this.#steps.push(endedUs + (ending === "again" ? ticket.everyUs : ticket.thinkTimeUs), next);
      this.#noteStandstill(nowUs);
      this.#scheduleDue(nowUs);
    }
    this.#free(channel, nowUs);
  }

  /** Ends requests that wait for a channel and would not get one in time any more. */
  #expire(nowUs: number): void {
    for (let first = this.#waiting.first; first; first = this.#waiting.first) {
      if (nowUs <= first.dueUs + this.#patienceUs) break;
      this.#waiting.shift();
      // If even this request waits in vain, the queue is not what the standstill has left behind.
      if (first.dueUs > this.#standstillEndUs + this.#patienceUs) this.#standstillUs = 0;
      const isHeld = this.#heldSinceUs <= nowUs;
      this.#dispatcher.unsent(first, isHeld || this.#ownShareUs(nowUs - first.dueUs) > 0);
    }
    this.#noteHeld(nowUs);
  }

  #nextToScheduleUs(): number {
    const dueUs = Math.min(this.#nextArrivalUs, this.#steps.nextDueUs);
    return dueUs < this.#stopUs ? dueUs : Number.POSITIVE_INFINITY;
  }

  /** For how long something has been due that was not scheduled. 0: no longer than usual. */
  #noteStandstill(nowUs: number): number {
    const lateUs = nowUs - Math.max(this.#wentOnUs, this.#nextToScheduleUs());
    if (lateUs <= STANDSTILL_US) return 0;
    this.#standstillUs += lateUs;
    // A busy machine has short standstills all the time. They must not keep a long one from being forgotten.
    if (10 * lateUs >= this.#standstillUs) this.#standstillEndUs = nowUs;
    return lateUs;
  }

  #scheduleDue(nowUs: number): void {
    for (let dueUs = this.#nextToScheduleUs(); dueUs <= nowUs; dueUs = this.#nextToScheduleUs()) {
      const ticket = this.#dispatcher.schedule(dueUs, this.#takeUser(dueUs));
      if (ticket !== null) this.#admit(ticket, nowUs);
    }
  }

  #takeUser(dueUs: number): VirtualUser {
    if (dueUs < this.#nextArrivalUs) return this.#steps.pop()!;
    this.#nextArrivalUs = this.#followingArrivalUs;
    this.#followingArrivalUs = this.#drawArrival();
    const user = this.#users.begin();
    for (let others = 1; others < this.#share.threads; others++) this.#users.skip();
    return user;
  }

  /** This thread's next arrival, past those of the others. */
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
    const channel = this.#waiting.length === 0 ? this.#takeChannel() : null;
    if (channel !== null) {
      this.#send(ticket, channel, nowUs - ticket.dueUs);
    } else {
      this.#waiting.push(ticket);
      this.#noteHeld(nowUs);
    }
  }

  /** A channel has no request any more. */
  #free(channel: Channel, nowUs: number): void {
    this.#catchUp.ended();
    this.#pool.giveBack(channel);
    this.#expire(nowUs);
    // A request waited for a channel, which is the system's time. Two parts of the wait are ours: the time for which
    // the answer that freed this channel may have lain unread in this turn, and the time in which a channel could have
    // been opened.
    if (this.#waiting.length > 0)
      this.#sendFirst(Math.min(this.#heldSinceUs, this.#dispatcher.turnStartUs), nowUs);
  }

  #sendHeld(nowUs: number): void {
    while (this.#heldSinceUs <= nowUs && this.#sendFirst(this.#heldSinceUs, nowUs));
  }

  /** Sends what has waited longest, if there is a channel for it. `freeSinceUs`: since when it could have had one. */
  #sendFirst(freeSinceUs: number, nowUs: number): boolean {
    const channel = this.#takeChannel();
    if (channel === null) return false;
    const ticket = this.#waiting.shift()!;
    const waitedUs = nowUs - ticket.dueUs;
    const lagUs = Math.max(Math.min(waitedUs, nowUs - freeSinceUs), this.#ownShareUs(waitedUs));
    this.#noteHeld(nowUs);
    this.#send(ticket, channel, lagUs);
    return true;
  }

  /** How much of a wait for a channel may come from the generator's standing still. */
  #ownShareUs(waitedUs: number): number {
    return isMostlyTheSystems(waitedUs, this.#standstillUs) ? 0 : Math.min(waitedUs, this.#standstillUs);
  }

  /** An open channel, else one to be opened, else one that has a request already (with pipelining). */
  #takeChannel(): Channel | null {
    if (!this.#catchUp.maySend) return null;
    const open = this.#pool.takeOpen() ?? (this.#pool.fillsChannels ? this.#pool.takeShared() : null);
    if (open !== null) return open;
    const closed = this.#catchUp.mayOpen ? this.#pool.takeClosed() : null;
    if (closed === null) return this.#pool.takeShared();
    this.#catchUp.opening();
    return closed;
  }

  #send(ticket: Ticket, channel: Channel, lagUs: number): void {
    this.#catchUp.sent();
    this.#dispatcher.send(ticket, channel, lagUs);
    if (channel.hasRoom) this.#pool.giveBack(channel);
  }

  /** Call it when the queue or the pool has changed. */
  #noteHeld(nowUs: number): void {
    const { first } = this.#waiting;
    // The longest wait of all tells whether the requests behind it still wait for that reason.
    if (!first || isMostlyTheSystems(nowUs - first.dueUs, this.#standstillUs)) this.#standstillUs = 0;
    if (!first || this.#pool.isEmpty) this.#heldSinceUs = Number.POSITIVE_INFINITY;
    else if (this.#heldSinceUs > nowUs) this.#heldSinceUs = nowUs;
  }
}

/** More than twice as long as the generator stood still: the queue grows, or was there before. */
function isMostlyTheSystems(waitedUs: number, standstillUs: number): boolean {
  return waitedUs > 2 * standstillUs;
}
