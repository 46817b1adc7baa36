import type { Random } from "../../support/random.js";
import type { CompiledMix, Sequence } from "./compiled-mix.js";
import type { Visit } from "./ticket.js";
import { newScope } from "./values.js";

/** Begins virtual users, each with the sequence that the mix's weights give it. */
export class Visits {
  readonly #mix: CompiledMix;
  readonly #random: Random;
  /** Requests that never vary share one visit, so that the fast path makes no garbage. */
  readonly #shared = new Map<Sequence, Visit>();

  constructor(mix: CompiledMix, random: Random) {
    this.#mix = mix;
    this.#random = random;
  }

  begin(): Visit {
    const sequence = this.#mix.choose(this.#random);
    const shared = this.#shared.get(sequence);
    if (shared !== undefined) return shared;
    const visit = { sequence, step: 0, scope: newScope() };
    if (!sequence.isJourney && sequence.steps[0]!.request.isConstant) this.#shared.set(sequence, visit);
    return visit;
  }

  /** Passes over a choice that another thread makes, so that all threads draw from one sequence. */
  skip(): void {
    this.#mix.choose(this.#random);
  }

  /** The same user's next step; null after the last. */
  static next(visit: Visit): Visit | null {
    return visit.step + 1 < visit.sequence.steps.length ? { ...visit, step: visit.step + 1 } : null;
  }
}
