/** Game days as day.json has them, made from sketches. */

import type {
  ActionOfDay,
  FaultOfDay,
  GameDayReport,
  ResponseToFault,
  ScenarioOfDay,
} from "../../src/gameday/report/game-day-report.js";

export const DAY_BEGAN = "2026-11-27T10:00:00.000Z";

/** So many seconds after the day began. */
export function at(seconds: number, began = DAY_BEGAN): string {
  return new Date(Date.parse(began) + seconds * 1000).toISOString();
}

/** A fault that was in place from second 20 to 30 of the day and broke its promise in its third second. */
export function faultOfDay(more: Partial<FaultOfDay> = {}): FaultOfDay {
  return {
    name: "cache cut off",
    of: more.name ?? "cache cut off",
    verdict: "fail",
    reason: "availability fell from 100% to 0%, promised ≥ 99%.",
    slo: { expect: "availability >= 99%", unit: "ratio", baseline: 1, observed: 0, censored: false },
    description: "nothing passes on cache",
    injectedAt: at(20),
    removedAt: at(30),
    detection: {
      seconds: 3,
      censored: false,
      explanation: '"availability >= 99%" was visibly broken within 3 s.',
    },
    recovery: {
      seconds: 4,
      censored: false,
      explanation: "Back at every SLO 4 s after the fault was removed.",
    },
    findings: [],
    ...more,
  };
}

/** A fault that hurt nobody. */
export function heldFault(more: Partial<FaultOfDay> = {}): FaultOfDay {
  return faultOfDay({
    name: "slow cache",
    verdict: "pass",
    reason: "All SLOs held.",
    slo: { expect: "availability >= 99%", unit: "ratio", baseline: 1, observed: 1, censored: false },
    detection: {
      seconds: 10,
      censored: true,
      explanation: "No SLO was visibly broken while the fault was on.",
    },
    recovery: { seconds: 0, censored: false, explanation: "Back at every SLO in the first second." },
    ...more,
  });
}

/** What people did about a fault: nothing. */
export function responseOf(fault: string, more: Partial<ResponseToFault> = {}): ResponseToFault {
  return {
    fault,
    targets: ["cache"],
    detected: null,
    diagnosed: null,
    mitigated: null,
    theories: [],
    ...more,
  };
}

/** One that was run from second 10 to 50 of the day. */
export function scenarioOfDay(more: Partial<ScenarioOfDay> = {}): ScenarioOfDay {
  const faults = more.faults ?? [heldFault()];
  const verdict = more.verdict ?? (faults.some((fault) => fault.verdict === "fail") ? "fail" : "pass");
  return {
    file: "cache.yaml",
    name: "Checkout survives a slow cache",
    verdict,
    exitCode: verdict === "pass" ? 0 : verdict === "fail" ? 1 : 3,
    reason: verdict === "pass" ? "All SLOs held." : 'In "cache cut off": availability fell.',
    score: verdict === "pass" ? 100 : 40,
    startedAt: at(10),
    durationS: 40,
    folder: "20261127-100010-cache",
    expected: null,
    ...more,
    faults,
  };
}

export function dayReport(more: Partial<GameDayReport> = {}): GameDayReport {
  const scenarios = more.scenarios ?? [scenarioOfDay()];
  const failed = scenarios.some(({ verdict }) => verdict === "fail");
  return {
    formatVersion: 1,
    tool: { name: "faultline", version: "0.0.0" },
    exerciseId: "20261127-100000-checkout-friday-1f3a",
    name: "Checkout Friday",
    owner: "payments-team",
    roles: {},
    file: "day.yaml",
    sha256: "0".repeat(64),
    startedAt: DAY_BEGAN,
    durationS: 60,
    verdict: failed ? "fail" : "pass",
    exitCode: failed ? 1 : 0,
    reason: failed ? "1 of 1 scenario did not pass: cache.yaml (fail)." : "1 scenario passed.",
    preflight: [],
    notes: [],
    halt: null,
    notices: [],
    ...more,
    scenarios,
  };
}

/** The same day, a week earlier. */
export function aWeekBefore(day: GameDayReport): GameDayReport {
  const earlier = (iso: string | null) =>
    iso === null ? null : new Date(Date.parse(iso) - 7 * 24 * 3_600_000).toISOString();
  return {
    ...day,
    exerciseId: "20261120-100000-checkout-friday-0b2c",
    startedAt: earlier(day.startedAt) ?? "",
    notes: day.notes.map((note) => ({ ...note, at: earlier(note.at) ?? "" })),
    scenarios: day.scenarios.map((scenario) => ({
      ...scenario,
      startedAt: earlier(scenario.startedAt),
      faults: (scenario.faults ?? []).map((fault) => ({
        ...fault,
        injectedAt: earlier(fault.injectedAt),
        removedAt: earlier(fault.removedAt),
      })),
    })),
  };
}

/** An item that the team keeps. */
export function actionOfDay(more: Partial<ActionOfDay> = {}): ActionOfDay {
  return {
    id: "checkout-timeout",
    what: "Give checkout a timeout",
    owner: null,
    due: null,
    ticket: null,
    isOverdue: false,
    scenario: null,
    fault: null,
    before: "open",
    status: "open",
    ...more,
  };
}
