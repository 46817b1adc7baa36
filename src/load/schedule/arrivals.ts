import type { Profile } from "../../plan/load-plan.js";
import type { Random } from "../../support/random.js";

/**
 * When requests are due, in µs since load began. The k-th one is due at Λ⁻¹(x_k), where Λ(t) = ∫₀ᵗ rate. For even
 * arrivals x_k = k; for Poisson arrivals x_k is the sum of k exponential gaps of mean 1 (time change of a Poisson
 * process). So even arrivals never drift, and both kinds follow ramps exactly.
 */
export class Arrivals {
  readonly #pieces: readonly RatePiece[];
  readonly #gap: () => number;
  #piece = 0;
  #x: number;

  constructor(profile: Profile, kind: "even" | "poisson", random: Random) {
    this.#pieces = ratePieces(profile);
    // 1 − u is in (0, 1], where the logarithm is finite.
    this.#gap = kind === "even" ? () => 1 : () => -Math.log(1 - random());
    this.#x = kind === "even" ? 0 : this.#gap();
  }

  /** The next due time. Infinite when the rate stays at 0. */
  next(): number {
    const x = this.#x;
    this.#x += this.#gap();
    for (;;) {
      const piece = this.#pieces[this.#piece]!;
      // "≤" skips pieces without arrivals. At the very end of a piece the next one begins.
      if (x < piece.endCount) return piece.startUs + timeToReachUs(piece, x - piece.startCount);
      if (this.#piece === this.#pieces.length - 1) return Number.POSITIVE_INFINITY;
      this.#piece++;
    }
  }
}

/** A stretch in which the rate is linear. */
interface RatePiece {
  readonly startUs: number;
  /** Arrivals per µs at its start, and how much that grows per µs. */
  readonly rate: number;
  readonly slope: number;
  /** Λ at its start and end. */
  readonly startCount: number;
  readonly endCount: number;
}

function ratePieces(profile: Profile): RatePiece[] {
  const pieces: RatePiece[] = [];
  let startUs = 0;
  let startCount = 0;
  let perS = profile.startValue;
  for (const stage of profile.stages) {
    const durationUs = stage.durationMs * 1000;
    const fromPerS = stage.kind === "step" ? stage.to : perS;
    if (durationUs > 0) {
      const endCount = startCount + ((fromPerS + stage.to) / 2e6) * durationUs;
      const slope = (stage.to - fromPerS) / 1e6 / durationUs;
      pieces.push({ startUs, rate: fromPerS / 1e6, slope, startCount, endCount });
      startUs += durationUs;
      startCount = endCount;
    }
    perS = stage.to;
  }
  const endCount = perS > 0 ? Number.POSITIVE_INFINITY : startCount;
  pieces.push({ startUs, rate: perS / 1e6, slope: 0, startCount, endCount });
  return pieces;
}

/** Solves rate·t + slope·t²/2 = count for t, in the form that stays exact when the slope is tiny. */
function timeToReachUs(piece: RatePiece, count: number): number {
  if (count <= 0 && piece.rate > 0) return 0;
  const root = Math.sqrt(Math.max(0, piece.rate * piece.rate + 2 * piece.slope * count));
  return count === 0 ? 0 : (2 * count) / (piece.rate + root);
}
