import type { Report } from "../../analysis/document/report.js";
import { slosText } from "./slos-text.js";

/** What vitest and jest hand to a matcher, as far as it is used here. */
interface MatcherState {
  readonly isNot?: boolean | undefined;
}

interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** For `expect.extend(matchers)` of vitest and of jest. */
export const matchers = { toHoldSlos };

/**
 * `expect(report).toHoldSlos()`: all SLOs held, with enough evidence. Takes a report, or what `runScenario` resolved
 * with. `.not` says that an SLO was broken. A run that was inconclusive, invalid or aborted shows neither: both forms
 * fail.
 */
function toHoldSlos(this: MatcherState, received: unknown): MatcherResult {
  const report = reportIn(received);
  const isNot = this.isNot === true;
  const isDecided = report.verdict === "pass" || report.verdict === "fail";
  return {
    // With `.not`, a matcher that returns `pass: true` fails.
    pass: isDecided ? report.verdict === "pass" : isNot,
    message: () => slosText(report, isNot),
  };
}

function reportIn(received: unknown): Report {
  const report = isObject(received) && "report" in received ? received.report : received;
  if (isReport(report)) return report;
  throw new TypeError(
    "toHoldSlos takes a faultline report, or what runScenario resolved with; did you forget to await it?",
  );
}

function isReport(value: unknown): value is Report {
  return isObject(value) && "verdict" in value && "formatVersion" in value && "faults" in value;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
