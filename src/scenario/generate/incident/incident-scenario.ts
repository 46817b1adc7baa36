import { escapeTemplate } from "../../../notation/template.js";
import { parseRate } from "../../../quantities/units.js";
import { formatCount } from "../../../support/format.js";
import {
  allowedHosts,
  dependencyProxy,
  type StarterAnswers,
  schemaLine,
  systemUnderTest,
} from "../starter.js";
import { yamlText } from "../yaml-text.js";
import type { Incident } from "./incident.js";
import { type CurveLimits, type CurveStep, type CurveSteps, stepsAlong } from "./steps.js";

/** Many steps make a scenario that nobody reads. */
const MOST_STEPS = 60;
/** What a test of the replay is held to is twice as much. */
const SHARE = 0.05;
const LIMITS = {
  latency: { share: SHARE, amount: 1, mostSteps: MOST_STEPS },
  errors: { share: SHARE, amount: 0.005, mostSteps: MOST_STEPS },
  traffic: { share: SHARE, amount: 0.5, mostSteps: MOST_STEPS },
} as const satisfies Record<keyof Incident["curves"], CurveLimits>;

const WARMUP_S = 5;
/** A pass on 99 % takes so many requests in the baseline; that the system is back, so many good ones. */
const BASELINE_REQUESTS = 2_100;
const RECOVERY_REQUESTS = 3_000;
const [LEAST_S, MOST_S] = [30, 300];

/** Where an incident was recorded, in words. */
export interface IncidentSource {
  /** "Prometheus, 2026-11-24 10:00 to 11:00 UTC" */
  readonly title: string;
  /** One line for each curve: the query or column that it came from. */
  readonly lines: readonly string[];
}

/** What a stage of a fault says. */
interface Stage {
  readonly atS: number;
  readonly latencyMs: number;
  readonly errorShare: number;
}

/**
 * A scenario that plays an incident again: the dependency is as slow and as faulty as it was, while the traffic is as it was.
 * It is valid as it stands.
 * @param schema the path for editors, or null.
 */
export function incidentScenario(
  incident: Incident,
  source: IncidentSource,
  answers: StarterAnswers,
  schema: string | null,
): string {
  const { lengthS, curves } = incident;
  const latency = curves.latency ? stepsAlong(curves.latency, LIMITS.latency) : NONE;
  const errors = curves.errors ? stepsAlong(curves.errors, LIMITS.errors) : NONE;
  const traffic = curves.traffic ? stepsAlong(curves.traffic, LIMITS.traffic) : NONE;
  const stages = stagesOf(latency.steps, errors.steps).filter(({ atS }) => atS < lengthS);
  const isHttp = stages.some(({ errorShare }) => errorShare > 0);
  const faultS = Math.ceil(lengthS);
  const busy = traffic.steps.filter(({ value }) => value > 0);
  const [first, last] = [busy[0], busy.at(-1)].map(
    (step) => step?.value ?? parseRate(answers.rate)?.perS ?? 0,
  );
  const baselineS = secondsFor(BASELINE_REQUESTS, first);
  const recoveryS = secondsFor(RECOVERY_REQUESTS, last);
  return `${schemaLine(schema)}# An incident played again: the dependency is as slow and as faulty as it was then, and as much is asked of the system.
# Recorded by ${source.title}
${source.lines.map((line) => `#   ${oneLine(line)}\n`).join("")}# ${toldSteps({ latency, errors, traffic })}
#   npx faultline run --dry-run FILE  shows what would happen
#   npx faultline run FILE            does it
faultline: 1
name: ${yamlText(escapeTemplate(answers.name))}
${allowedHosts(answers)}
${systemUnderTest(answers)}
# The service reaches its dependency through this proxy; the fault acts on it.
proxies:
  ${dependencyProxy(answers, isHttp ? "http" : null)}

load:
  target: ${yamlText(answers.target)}
${loadOf(traffic.steps, answers.rate, { beforeS: WARMUP_S + baselineS, lengthS })}  timeout: 2s
  requests:
    - { name: home, path: / }

phases: { warmup: ${WARMUP_S}s, baseline: ${baselineS}s, fault: ${faultS}s, recovery: ${recoveryS}s }

# What should have held then. Write what you promise.
slos:
  - availability >= 99%
  - p99 < 500ms
  - recovery < 10s

faults:
  - name: what happened then
    proxy: dependency
    stages:
${stages.map((stage) => `      - ${stageText(stage)}\n`).join("")}
# Ends the run early when nothing comes back: longer than the fault lasts, so that it is not cut short.
abort:
  - error_rate > 90% for ${faultS + 15}s
`;
}

const NONE: CurveSteps = { steps: [], share: SHARE };

/** What a fault's stages say, from both curves. Stages that say the same as the one before are one. */
function stagesOf(latency: readonly CurveStep[], errors: readonly CurveStep[]): readonly Stage[] {
  const times = [...new Set([...latency, ...errors].map(({ atS }) => wholeS(atS)))].sort((a, b) => a - b);
  const stages: Stage[] = [];
  for (const atS of times) {
    const latencyMs = Math.round(valueAt(latency, atS));
    const errorShare = Math.round(1000 * valueAt(errors, atS)) / 1000;
    const last = stages.at(-1);
    if (last && last.latencyMs === latencyMs && last.errorShare === errorShare) continue;
    stages.push({ atS, latencyMs, errorShare });
  }
  return stages;
}

function stageText({ atS, latencyMs, errorShare }: Stage): string {
  const deeds = [
    ...(latencyMs > 0 ? [`latency: ${latencyMs}ms`] : []),
    ...(errorShare > 0 ? [`http: { status: 503, share: ${Number((100 * errorShare).toFixed(1))}% }`] : []),
  ];
  return `{ ${[`at: ${durationText(atS)}`, ...deeds].join(", ")} }`;
}

/** The load is as it was then while the fault is on, and before and after it as at its beginning and end. */
function loadOf(
  traffic: readonly CurveStep[],
  rate: string,
  { beforeS, lengthS }: { readonly beforeS: number; readonly lengthS: number },
): string {
  // A baseline without requests would be none.
  const first = traffic.find(({ value }) => value > 0);
  if (!first) return `  rate: ${rate}\n`;
  const before = { value: first.value, holdS: beforeS };
  const during = traffic.map(({ atS, value }, index) => ({
    value,
    holdS: wholeS(traffic[index + 1]?.atS ?? lengthS) - wholeS(atS),
  }));
  const [next, ...rest] = during;
  const all =
    next?.value === before.value ? [{ ...next, holdS: next.holdS + beforeS }, ...rest] : [before, ...during];
  const lines = all
    .filter(({ holdS }) => holdS > 0)
    .map(({ value, holdS }) => `    - { rate: ${rateText(value)}, hold: ${durationText(holdS)} }\n`);
  return `  rate: ${rateText(first.value)}\n  # Until the fault begins as much as at its begin; then as it was.\n  stages:\n${lines.join("")}`;
}

/** In steps of 5 s. */
function secondsFor(requests: number, perS = 0): number {
  const seconds = perS > 0 ? Math.ceil(requests / perS / 5) * 5 : MOST_S;
  return Math.min(MOST_S, Math.max(LEAST_S, seconds));
}

function toldSteps(curves: Readonly<Record<string, CurveSteps>>): string {
  const told = Object.entries(curves)
    .filter(([, { steps }]) => steps.length > 0)
    .map(([name, { steps, share }]) => {
      const count = `${formatCount(steps.length)} ${steps.length === 1 ? "step" : "steps"}`;
      return `${name} in ${count}, within ${Math.round(100 * share)} %`;
    });
  return `Followed: ${told.join("; ")}.`;
}

function valueAt(steps: readonly CurveStep[], atS: number): number {
  return steps.findLast((step) => wholeS(step.atS) <= atS)?.value ?? 0;
}

/** Load's stages last a second at least. */
function wholeS(atS: number): number {
  return Math.round(atS);
}

function rateText(perS: number): string {
  return `${Number(Math.max(0, perS).toPrecision(3))}/s`;
}

function durationText(s: number): string {
  if (s < 120) return `${s}s`;
  const [minutes, rest] = [Math.floor(s / 60), s % 60];
  return rest === 0 ? `${minutes}m` : `${minutes}m${rest}s`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
