import { referenceIn } from "../kubernetes/references/object-reference.js";
import type { ClusterTerms } from "../kubernetes/terms.js";
import type { Scenario } from "../scenario/read-scenario.js";
import { metricOf } from "../slo/metrics/index.js";
import { type ParseSloOptions, parseSlo } from "../slo/parse.js";
import type { Slo } from "../slo/slo.js";
import { FaultlineError } from "../support/errors.js";
import { nearest } from "../support/names/suggestion.js";
import { buildLoad } from "./build-load.js";
import { buildProxies } from "./build-proxies.js";
import { buildServices } from "./build-services.js";
import { buildSteps } from "./build-steps.js";
import { buildChecks } from "./checks/build-checks.js";
import type { ClusterLooks } from "./cluster/cluster-looks.js";
import { requestNames, timedIn } from "./load-mix.js";
import type { RunPlan } from "./run-plan.js";
import { buildSignals } from "./signals/build-signals.js";
import { buildTelemetry } from "./telemetry/build-telemetry.js";

export interface PlanOptions {
  /** Processors of this machine, for `workers: auto`. */
  readonly cpus: number;
  /** --toxiproxy URL. It wins over the scenario's. */
  readonly toxiproxyUrl?: string | undefined;
  /** --only: run just the faults with these names. */
  readonly only?: readonly string[];
  /** Headers for all requests of the load, unless the scenario sets them itself. */
  readonly loadHeaders?: Readonly<Record<string, string>>;
}

/**
 * Makes the plan of a run from a scenario that has been checked.
 * @throws FaultlineError USAGE: `only` names a fault that does not exist.
 */
export function buildPlan(scenario: Scenario, options: PlanOptions): RunPlan {
  const data = onlyFaults(scenario.data, options.only);
  const load = buildLoad(scenario, options.cpus, options.loadHeaders);
  const names = { requestNames: requestNames(load.mix), timed: timedIn(load.mix) };
  const slo = (text: string, use: ParseSloOptions) => readSlo(text, { ...use, ...names });
  // Each is written once and holds for each round of a repeated fault.
  const injected = data.faults.filter(({ find }) => !find);
  const own = injected.flatMap(({ name, slos }) => (slos ?? []).map((text) => slo(text, { fault: name })));
  const common = data.slos.map((text) => slo(text, {}));
  const slos = [...common.flatMap((one) => besideOwn(one, own)), ...own];
  return {
    name: data.name,
    hypothesis: data.hypothesis ?? null,
    file: scenario.file,
    sha256: scenario.sha256,
    seed: data.seed,
    evidence: data.evidence,
    services: buildServices(scenario),
    proxies: buildProxies({ ...scenario, data }),
    toxiproxyUrl: options.toxiproxyUrl ?? data.toxiproxy?.url ?? null,
    docker: data.docker ? { host: data.docker.host ?? null, project: data.docker.project ?? null } : null,
    cluster: clusterTerms(data.kubernetes),
    clusterLooks: clusterLooks(data.kubernetes),
    load,
    steps: buildSteps(data, load, ({ name, find }) => slo(find?.until ?? "", { fault: name })),
    slos,
    abort: data.abort.map((text) => ({ condition: slo(text, { use: "abort" }) })),
    checks: buildChecks(scenario, slos),
    signals: buildSignals(scenario, slos),
    telemetry: buildTelemetry(data.telemetry, scenario.telemetryTls),
    maxRecoveryWaitMs: data.maxRecoveryWait.ms,
    secrets: scenario.secrets,
    serviceEnv: scenario.serviceEnv,
    allowedHosts: scenario.allowedHosts,
  };
}

function clusterTerms(said: Scenario["data"]["kubernetes"]): ClusterTerms | null {
  if (said === undefined) return null;
  const { context = null, namespaces = [], nodes } = said;
  return { context, namespaces, nodes };
}

function clusterLooks(said: Scenario["data"]["kubernetes"]): ClusterLooks {
  const { context = null, watch = [], ready = [], readyTimeout } = said ?? {};
  const awaited = typeof ready === "string" ? [ready] : ready;
  return { context, watch, ready: awaited.map(referenceIn), readyTimeoutMs: readyTimeout?.ms ?? 0 };
}

function onlyFaults(data: Scenario["data"], only: readonly string[] | undefined): Scenario["data"] {
  if (!only) return data;
  const names = data.faults.map(({ name }) => name);
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, names);
    const known = names.length > 0 ? `there are: ${names.join(", ")}` : "it has none";
    const help = near === null ? known : `did you mean "${near}"?`;
    throw new FaultlineError("USAGE", `--only: the scenario has no fault "${unknown}"; ${help}`);
  }
  return { ...data, faults: data.faults.filter(({ name }) => only.includes(name)) };
}

/**
 * Without the faults that set their own target for the same metric and request, in the phases that this target gates. It
 * is two where phases differ in that.
 */
function besideOwn(common: Slo, own: readonly Slo[]): readonly Slo[] {
  const subject = ({ metric, request }: Slo) => `${metricOf(metric).name}(${request ?? ""})`;
  const same = own.filter((slo) => subject(slo) === subject(common));
  const parts = new Map<string, Slo>();
  for (const phase of common.phases) {
    const there = same.filter(({ phases }) => phases.includes(phase));
    const exceptFaults = [...new Set(there.flatMap(({ fault }) => fault ?? []))];
    const key = JSON.stringify(exceptFaults);
    const phases = [...(parts.get(key)?.phases ?? []), phase];
    parts.set(key, { ...common, phases, exceptFaults });
  }
  return [...parts.values()];
}

/** The checks have already read it, with the place of each mistake. This error is not for users. */
function readSlo(text: string, options: ParseSloOptions): Slo {
  const parsed = parseSlo(text, options);
  if (!parsed.ok) throw new Error(`SLO "${text}": ${parsed.error.message}`);
  return parsed.slo;
}
