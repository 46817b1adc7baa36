import type { ScenarioOfDay } from "../../gameday/report/game-day-report.js";

/** What was expected of a scenario, and whether it came so. */
export interface ExpectedOutcome {
  readonly scenario: ScenarioOfDay;
  /** By the scenario's verdict; none: nothing was written down. */
  readonly outcome: "met" | "not_met" | "open" | "none";
}

export function expectationOf(scenario: ScenarioOfDay): ExpectedOutcome {
  const { expected, verdict } = scenario;
  if (expected === null) return { scenario, outcome: "none" };
  if (verdict === "pass") return { scenario, outcome: "met" };
  return { scenario, outcome: verdict === "fail" || verdict === "aborted" ? "not_met" : "open" };
}
