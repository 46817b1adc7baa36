import type { Profile } from "../../plan/load-plan.js";
import { profileAt } from "../../plan/profile.js";
import type { Channel } from "../channel.js";
import type { Ticket, VirtualUser } from "../mix/ticket.js";
import type { VirtualUsers } from "../mix/virtual-users.js";
import { type Share, shareOf } from "../share.js";
import { DueHeap } from "./due-heap.js";
import { type Dispatcher, type Ending, type ModelDriver, userAfter } from "./model-driver.js";

/** How long a channel waits after a refusal. Without the pause it would try again thousands of times a second. */
const REFUSED_PAUSE_US = 100_000;

/**
 * Each channel sends when it is free: when its last answer came and the think time has passed. With pipelining several
 * virtual users share a channel, and each of them does so.
 */
export class ClosedModel implements ModelDriver {
  readonly #profile: Profile;
  readonly #thinkTimeUs: number;
  readonly #share: Share;
  readonly #users: VirtualUsers;
  readonly #channels: readonly Channel[];
  readonly #dispatcher: Dispatcher;
  readonly #later = new DueHeap<{ readonly channel: Channel; readonly user: VirtualUser | null }>();
  readonly #usersEach: number;
  /** Channels below this index take part. The others rest. */
  #active = 0;
  /** For each channel: the number of its users that do not rest. */
  readonly #awake: number[];
  #startUs = Number.POSITIVE_INFINITY;
  #started = false;
  #stopUs = Number.POSITIVE_INFINITY;

  /** `channels`: this thread's share of the most that the profile ever wants. */
  constructor(
    profile: Profile,
    thinkTimeMs: number,
    share: Share,
    users: VirtualUsers,
    channels: readonly Channel[],
    dispatcher: Dispatcher,
    pipelining: number,
  ) {
    this.#profile = profile;
    this.#thinkTimeUs = thinkTimeMs * 1000;
    this.#share = share;
    this.#users = users;
    this.#channels = channels;
    this.#dispatcher = dispatcher;
    this.#usersEach = pipelining;
    this.#awake = channels.map(() => 0);
  }

  start(startUs: number): void {
    this.#startUs = startUs;
  }

  stopAt(endUs: number): void {
    this.#stopUs = endUs;
  }

  goOnAt(): void {
    this.#stopUs = Number.POSITIVE_INFINITY;
  }

  lost(): void {
    // Its next request opens it again.
  }

  nextDueUs(): number {
    const dueUs = this.#started ? this.#later.nextDueUs : this.#startUs;
    return dueUs < this.#stopUs ? dueUs : Number.POSITIVE_INFINITY;
  }

  followingDueUs(): number {
    return Number.POSITIVE_INFINITY;
  }

  pump(nowUs: number): void {
    if (nowUs < this.#startUs) return;
    this.#started = true;
    this.#adjustActive(nowUs);
    for (let dueUs = this.#later.nextDueUs; dueUs <= nowUs; dueUs = this.#later.nextDueUs) {
      const { channel, user } = this.#later.pop()!;
      this.#next(channel, user, dueUs, nowUs);
    }
  }

  ended(ticket: Ticket, channel: Channel, ending: Ending, endedUs: number, nowUs: number): void {
    const next = userAfter(ticket, ending);
    const pauseUs =
      next === null ? this.#thinkTimeUs : ending === "again" ? ticket.everyUs : ticket.thinkTimeUs;
    const waitUs = ending === "refused" ? Math.max(pauseUs, REFUSED_PAUSE_US) : pauseUs;
    if (waitUs === 0) this.#next(channel, next, endedUs, nowUs);
    else this.#later.push(endedUs + waitUs, { channel, user: next });
  }

  #next(channel: Channel, user: VirtualUser | null, dueUs: number, nowUs: number): void {
    const parts = dueUs < this.#stopUs && (channel.index < this.#active || user !== null);
    const ticket = parts ? this.#dispatcher.schedule(dueUs, user ?? this.#users.begin(channel.index)) : null;
    if (ticket === null) {
      this.#awake[channel.index]! -= 1;
      if (channel.isIdle) channel.close();
    } else if (nowUs > ticket.deadlineUs) {
      this.#dispatcher.unsent(ticket, true);
      this.ended(ticket, channel, "bad", nowUs, nowUs);
    } else {
      this.#dispatcher.send(ticket, channel, nowUs - dueUs);
    }
  }

  /** Follows the profile: wakes resting channels. Channels above the wanted number rest after their current request. */
  #adjustActive(nowUs: number): void {
    const total = Math.round(profileAt(this.#profile, (nowUs - this.#startUs) / 1000));
    this.#active = Math.min(this.#channels.length, shareOf(total, this.#share));
    if (nowUs >= this.#stopUs) return;
    for (let i = 0; i < this.#active; i++) {
      while (this.#awake[i]! < this.#usersEach) {
        this.#awake[i]! += 1;
        const before = this.#awake[i];
        this.#next(this.#channels[i]!, null, Math.max(this.#startUs, nowUs), nowUs);
        // Nothing can be scheduled now: it would rest again and again.
        if (this.#awake[i] !== before) break;
      }
    }
  }
}
