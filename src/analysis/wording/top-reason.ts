import { OTHER_REASONS } from "../../measure/outcome.js";

/** Why requests failed most often; null when none did or no kind of failure stands out by name. */
export function topReason(reasons: Readonly<Record<string, number>>): string | null {
  const [top] = Object.entries(reasons).sort((a, b) => b[1] - a[1]);
  return top && top[0] !== OTHER_REASONS ? top[0] : null;
}
