import type { Curve } from "./incident.js";

/** A value that holds from `atS` until the next step. */
export interface CurveStep {
  readonly atS: number;
  readonly value: number;
}

export interface CurveLimits {
  /** A step may be off the curve by this share of its value, */
  readonly share: number;
  /** or by so much. */
  readonly amount: number;
  readonly mostSteps: number;
}

export interface CurveSteps {
  readonly steps: readonly CurveStep[];
  /** The share that was needed to get along with so many steps. */
  readonly share: number;
}

/** Follows a curve with as few steps as the limits allow. Where there would be too many, they may be off by more. */
export function stepsAlong(curve: Curve, limits: CurveLimits): CurveSteps {
  for (let share = limits.share; ; share *= 1.5) {
    const steps = follow(curve, share, limits.amount);
    if (steps.length <= limits.mostSteps) return { steps, share };
  }
}

function follow(curve: Curve, share: number, amount: number): readonly CurveStep[] {
  const steps: CurveStep[] = [];
  let [fromS, low, high] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const end = () => {
    if (low <= high) steps.push({ atS: fromS, value: (low + high) / 2 });
  };
  for (const { atS, value } of curve) {
    const [lower, higher] = [Math.min(low, value), Math.max(high, value)];
    const middle = (lower + higher) / 2;
    if (higher - middle <= Math.max(amount, share * middle)) {
      [low, high] = [lower, higher];
      continue;
    }
    end();
    [fromS, low, high] = [atS, value, value];
  }
  end();
  return steps;
}
