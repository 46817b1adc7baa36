import type { Outcome } from "../../../measure/outcome.js";
import type { ShownQuantile } from "../../shown/seconds-of-run.js";

/** The page's colours, from its style sheet, so that charts follow light and dark. */
export interface Palette {
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly surface: string;
  readonly target: string;
  readonly outcomes: Readonly<Record<Outcome, string>>;
  readonly quantiles: Readonly<Record<ShownQuantile, string>>;
  /** For faults in the distribution, in turn. */
  readonly categories: readonly string[];
}

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: color("ink"),
    muted: color("muted"),
    grid: color("grid"),
    surface: color("surface"),
    target: color("bad"),
    outcomes: {
      ok: color("ok"),
      http_error: color("http-error"),
      timeout: color("timeout"),
      refused: color("refused"),
      reset: color("reset"),
      unsent: color("unsent"),
    },
    quantiles: { p50: color("p50"), p90: color("p90"), p99: color("p99"), max: color("max") },
    categories: [1, 2, 3, 4, 5, 6].map((index) => color(`category-${index}`)),
  };
}

export function axisFont(): string {
  return `12px ${getComputedStyle(document.body).fontFamily}`;
}
