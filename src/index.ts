/** faultline as a library: docs/library.md. */

export { compareRuns } from "./analysis/compare/compare-runs.js";
export type { ComparedSlo, RunComparison } from "./analysis/compare/run-comparison.js";
export type {
  FaultReport,
  PhaseReport,
  Report,
  RunVerdict,
  SloResult,
  Verdict,
} from "./analysis/document/report.js";
export { readRun } from "./analysis/read-run.js";
export type { FileCheck } from "./app/check-file.js";
export { checkScenario } from "./library/check-scenario.js";
export { type AnalyseRecordOptions, analyse } from "./library/judge-record.js";
export { planScenario, type ScenarioPlan } from "./library/plan-scenario.js";
export { type RunOptions, runScenario, type ScenarioRun } from "./library/run-scenario.js";
export type { ScenarioOptions } from "./library/scenario-options.js";
export { type RunningToxiproxy, startToxiproxy, type ToxiproxyOptions } from "./library/start-toxiproxy.js";
export { readRecord } from "./measure/read-record.js";
export type { RunEvent, RunRecord } from "./measure/record.js";
export type { LiveNumbers, PhaseEnd, PhaseStart, RunInProgress } from "./measure/run-in-progress.js";
export { csvReporter } from "./report/formats/csv.js";
export { jsonReporter } from "./report/formats/json.js";
export { junitReporter } from "./report/formats/junit.js";
export { prometheusReporter } from "./report/formats/prometheus.js";
export { htmlReporter } from "./report/html/html.js";
export { markdownReporter } from "./report/markdown/markdown.js";
export type { FileReporter, ReportedRun, Reporter, ReporterHooks, ReportInput } from "./report/reporter.js";
export type { Diagnostic } from "./scenario/diagnostics/diagnostic.js";
export { type ErrorCode, FaultlineError } from "./support/errors.js";
