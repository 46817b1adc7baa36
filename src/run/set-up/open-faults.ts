import { randomUUID } from "node:crypto";
import { type ComposedFaults, loadDrivers } from "../../faults/compose.js";
import type { LoadPlan } from "../../plan/load-plan.js";
import {
  type PlaceholderValues,
  portsToPick,
  resolveChecks,
  resolveProxies,
  resolveServices,
  resolveSignals,
  resolveTarget,
  resolveText,
  runFolderValue,
  servicePortValues,
  usesRunFolder,
} from "../../plan/placeholders.js";
import type { RunPlan } from "../../plan/run-plan.js";
import { longestFaultMs } from "../../plan/steps.js";
import { redact } from "../../support/redact.js";
import { checkAllowed } from "../reach/allowed-addresses.js";
import { pickFreePort } from "../reach/local-port.js";
import type { RunControl } from "../run-control.js";
import { newRunFolder } from "../services/run-folder.js";
import { openRunFolder } from "./open-run-folder.js";
import type { SetUpOptions } from "./set-up-options.js";

/** Prepares the drivers of faults. From then on the plan holds addresses and ports in place of placeholders. */
export async function openFaults(
  control: RunControl,
  { plan, drivers, actions, env, net }: SetUpOptions,
): Promise<{ readonly faults: ComposedFaults; readonly plan: RunPlan; readonly names: PlaceholderValues }> {
  const { toxiproxyUrl, docker, cluster, seed, allowedHosts } = plan;
  const ports = new Map<string, number>();
  for (const expression of portsToPick(plan)) ports.set(expression, await pickFreePort());
  const portValues = servicePortValues(ports);
  const runFolder = usesRunFolder(plan) ? newRunFolder() : null;
  const folderValue = runFolder === null ? [] : runFolderValue(runFolder);
  const values = new Map([...portValues, ...folderValue]);
  const proxies = resolveProxies(plan.proxies, values);
  const faults = await loadDrivers(drivers);
  control.teardown.add("proxies and faults", () => faults.close());
  const names = await faults.prepare({
    run: randomUUID(),
    actions,
    proxies,
    toxiproxyUrl,
    docker,
    cluster,
    longestFaultMs: longestFaultMs(plan.steps),
    allowedHosts,
    seed,
    env,
    fill: (text) => resolveText(text, values),
    mask: (text) => redact(text, plan.secrets),
    journal: net.journal,
    stopping: control.stop.signal,
    onStatus: (text) => control.say(text),
    onEvent: (text) => control.recorder.event("service", text),
    onLost: ({ code, message }) => control.fail(code, message),
    onLimit: (reason) => control.spoil(reason),
  });
  if (runFolder !== null) await openRunFolder(control, net, runFolder);
  for (const [name, value] of names) values.set(name, value);
  const resolved = withValues({ ...plan, proxies }, values);
  checkAllowed(resolved);
  return { faults, plan: resolved, names };
}

function withValues(plan: RunPlan, values: PlaceholderValues): RunPlan {
  const load: LoadPlan = { ...plan.load, target: resolveTarget(plan.load.target, values) };
  const services = resolveServices(plan.services, values);
  const checks = resolveChecks(plan.checks, values);
  return { ...plan, services, checks, signals: resolveSignals(plan.signals, values), load };
}
