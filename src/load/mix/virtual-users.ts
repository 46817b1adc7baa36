import type { Random } from "../../support/random.js";
import type { CompiledMix, Sequence } from "./compiled-mix.js";
import type { VirtualUser } from "./ticket.js";
import { newScope } from "./values.js";

/** Begins virtual users. The mix's weights give each its sequence. */
export class VirtualUsers {
  readonly #mix: CompiledMix;
  readonly #random: Random;
  /** Requests that never vary share one user, so the fast path makes no garbage. */
  readonly #shared = new Map<Sequence, VirtualUser>();

  constructor(mix: CompiledMix, random: Random) {
    this.#mix = mix;
    this.#random = random;
  }

  begin(): VirtualUser {
    const sequence = this.#mix.choose(this.#random);
    const shared = this.#shared.get(sequence);
    if (shared !== undefined) return shared;
    const user = { sequence, step: 0, scope: newScope() };
    if (!sequence.isJourney && sequence.steps[0]!.request.isConstant) this.#shared.set(sequence, user);
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
