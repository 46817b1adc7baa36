import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CheckScenarioOptions, checkAndPlan } from "../../src/plan/check-and-plan.js";
import type { RunPlan } from "../../src/plan/run-plan.js";
import type { FaultStep } from "../../src/plan/steps.js";
import { ScenarioError } from "../../src/scenario/diagnostics/diagnostic.js";

export const FIXTURES = fileURLToPath(new URL("../fixtures/scenarios/", import.meta.url));

/** A folder of its own with these files in it. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), "faultline-scenario-"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** The plan of a scenario without errors; else throws all of them. */
export async function loadScenario(file: string, options: CheckScenarioOptions): Promise<RunPlan> {
  const { plan, diagnostics, dropped } = await checkAndPlan(file, options);
  if (plan) return plan;
  throw new ScenarioError(
    diagnostics.filter(({ severity }) => severity === "error"),
    dropped,
  );
}

/** Checks a scenario that is given as text. */
export function checkText(text: string | Uint8Array, options: Partial<CheckScenarioOptions> = {}) {
  return checkAndPlan("scenario.yaml", { env: {}, cwd: folderWith({ "scenario.yaml": text }), ...options });
}

/** The least that is a scenario; parts are put behind it. */
export function scenarioText(more = "", load = "  rate: 100/s"): string {
  return `faultline: 1
name: Test
proxies:
  cache: { listen: "127.0.0.1:7001", upstream: "127.0.0.1:7000" }
load:
  target: http://127.0.0.1:3000
${load}
slos: [availability >= 99%]
faults:
  - { name: slow cache, proxy: cache, latency: 100ms }
${more}`;
}

/** Those that inject a fault, in their order. */
export function faultSteps({ steps }: RunPlan): readonly FaultStep[] {
  return steps.flatMap((step) => (step.kind === "fault" ? [step] : []));
}
