import type { Random } from "../../support/random.js";
import type { CompiledMix, Sequence } from "./compiled-mix.js";
import { JourneyClock } from "./journey-clock.js";
import type { Logins } from "./logins.js";
import type { VirtualUser } from "./ticket.js";
import { newScope } from "./values.js";

/** Begins virtual users. The mix's weights give each its sequence. */
export class VirtualUsers {
  readonly #mix: CompiledMix;
  readonly #random: Random;
  readonly #logins: Logins | null;
  /** Requests that never vary share one user, so the fast path makes no garbage. */
  readonly #shared = new Map<Sequence, VirtualUser>();

  /** `logins` null: nobody logs in. */
  constructor(mix: CompiledMix, random: Random, logins: Logins | null = null) {
    this.#mix = mix;
    this.#random = random;
    this.#logins = logins;
  }

  /** `place`: the number of the channel whose user it is. */
  begin(place = 0): VirtualUser {
    const sequence = this.#mix.choose(this.#random);
    const shared = this.#shared.get(sequence);
    if (shared !== undefined) return shared;
    const isTimed = sequence.timed !== null || sequence.steps.some(({ stream }) => stream !== null);
    const clock = isTimed ? new JourneyClock() : null;
    const user = { sequence, step: 0, scope: newScope(), clock, place };
    if (this.#logins !== null) return this.#logins.enter(user);
    if (clock === null && sequence.steps[0]!.request.isConstant) this.#shared.set(sequence, user);
    return user;
  }

  /** Passes over a choice that another thread makes. All threads draw from one sequence. */
  skip(): void {
    this.#mix.choose(this.#random);
  }

  /** The same user's next step. @returns null after the last. */
  static next(user: VirtualUser): VirtualUser | null {
    return user.step + 1 < user.sequence.steps.length ? { ...user, step: user.step + 1 } : null;
  }
}
