import type { ScenarioOfDay } from "../../gameday/report/game-day-report.js";

/** What was expected of a scenario, and whether it happened. */
export interface ExpectedOutcome {
  readonly scenario: ScenarioOfDay;
  /** Follows from the scenario's verdict. none: no expectation was written down. */
  readonly outcome: "met" | "not_met" | "open" | "none";
}

export function expectationOf(scenario: ScenarioOfDay): ExpectedOutcome {
  const { expected, verdict } = scenario;
  if (expected === null) return { scenario, outcome: "none" };
  if (verdict === "pass") return { scenario, outcome: "met" };
  return { scenario, outcome: verdict === "fail" || verdict === "aborted" ? "not_met" : "open" };
}
