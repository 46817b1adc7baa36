import type { Pem } from "../faults/between/pem.js";
import type { ProxySpec, ProxyTls } from "../faults/fault-driver.js";
import { hasTargetUrl } from "../faults/kinds/index.js";
import { parseReference, parseTemplate, type Reference } from "../notation/template.js";
import type { CheckSpec, CommandAsk } from "./checks/check-spec.js";
import type { LoadTarget } from "./load-plan.js";
import type { Command, RunPlan, ServiceSpec } from "./run-plan.js";
import type { SignalSpec } from "./signals/signal-spec.js";
import { plannedActions } from "./steps.js";

/** The ports that have to be picked: "services.web.port", "services.web.port.admin". Each is used somewhere. */
export function portsToPick(plan: RunPlan): readonly string[] {
  const texts = [
    ...plan.services.flatMap(textsOf),
    ...plan.proxies.flatMap(({ listen, upstream }) => [listen, upstream]),
    plan.load.target.url,
    ...plan.checks.flatMap(({ ask }) => textsOfAsk(ask)),
    ...plan.signals.flatMap(({ source }) => textsOfSource(source)),
    ...plannedActions(plan.steps)
      .filter(hasTargetUrl)
      .map(({ target }) => target),
  ];
  return [...new Set(texts.flatMap(expressionsIn).filter(isPort))];
}

/** Whether ${run.dir} is used somewhere. */
export function usesRunFolder({
  services,
  checks,
  signals,
  proxies,
}: Pick<RunPlan, "services" | "checks" | "signals" | "proxies">): boolean {
  return [
    ...services.flatMap(textsOf),
    ...checks.flatMap(({ ask }) => textsOfAsk(ask)),
    ...signals.flatMap(({ source }) => textsOfSource(source)),
    ...proxies.flatMap(({ tls }) => pemFilesOf(tls)),
  ]
    .flatMap(referencesIn)
    .some(({ kind }) => kind === "run_folder");
}

function referencesIn(text: string): readonly Reference[] {
  return expressionsIn(text).map(parseReference);
}

function expressionsIn(text: string): readonly string[] {
  return parseTemplate(text).flatMap((part) => (part.kind === "slot" ? [part.expression] : []));
}

function isPort(expression: string): boolean {
  return parseReference(expression).kind === "service_port";
}

/** Values that are known only when the run begins, by the text between ${ and }. */
export type PlaceholderValues = ReadonlyMap<string, string>;

/** The free ports that were picked. */
export function servicePortValues(ports: ReadonlyMap<string, number>): PlaceholderValues {
  return new Map([...ports].map(([expression, port]) => [expression, String(port)]));
}

/** The folder that the run has made for its services. */
export function runFolderValue(path: string): PlaceholderValues {
  return new Map([["run.dir", path]]);
}

/** Proxies come first: the services are told their addresses. Proxies may use service ports, and files in the run's folder. */
export function resolveProxies(
  proxies: readonly ProxySpec[],
  values: PlaceholderValues,
): readonly ProxySpec[] {
  return proxies.map((proxy) => ({
    ...proxy,
    listen: resolveText(proxy.listen, values),
    upstream: resolveText(proxy.upstream, values),
    ...(proxy.tls ? { tls: resolveTls(proxy.tls, values) } : {}),
  }));
}

function resolveTls({ servesTls, upstream }: ProxyTls, values: PlaceholderValues): ProxyTls {
  if (upstream === null) return { servesTls, upstream };
  const resolve = (pem: Pem | null) =>
    pem === null || typeof pem === "string" ? pem : { file: resolveText(pem.file, values) };
  const { ca, cert, key } = upstream;
  return {
    servesTls,
    upstream: { ...upstream, ca: resolve(ca), cert: resolve(cert), key: resolve(key) },
  };
}

function pemFilesOf(tls: ProxyTls | undefined): readonly string[] {
  const { ca = null, cert = null, key = null } = tls?.upstream ?? {};
  return [ca, cert, key].flatMap((pem) => (pem === null || typeof pem === "string" ? [] : [pem.file]));
}

export function resolveServices(
  services: readonly ServiceSpec[],
  values: PlaceholderValues,
): readonly ServiceSpec[] {
  const resolve = (text: string) => resolveText(text, values);
  const resolveWords = (command: Command) => command.map(resolve);
  return services.map((service) => ({
    ...service,
    command: resolveWords(service.command),
    prepare: service.prepare.map(resolveWords),
    cleanup: service.cleanup.map(resolveWords),
    env: Object.fromEntries(Object.entries(service.env).map(([name, value]) => [name, resolve(value)])),
    ready: service.ready === null ? null : resolve(service.ready),
    readyCommand: service.readyCommand === null ? null : resolveWords(service.readyCommand),
  }));
}

export function resolveTarget(target: LoadTarget, values: PlaceholderValues): LoadTarget {
  return { ...target, url: resolveText(target.url, values) };
}

export function resolveChecks(checks: readonly CheckSpec[], values: PlaceholderValues): readonly CheckSpec[] {
  return checks.map((check) => ({ ...check, ask: resolveAsk(check.ask, values) }));
}

function resolveAsk(ask: CheckSpec["ask"], values: PlaceholderValues): CheckSpec["ask"] {
  switch (ask.kind) {
    case "http":
      return { ...ask, url: resolveText(ask.url, values), headers: resolveAll(ask.headers, values) };
    case "command":
      return resolveCommand(ask, values);
    case "kubernetes":
      return ask;
  }
}

function resolveCommand(ask: CommandAsk, values: PlaceholderValues): CommandAsk {
  const command = ask.command.map((text) => resolveText(text, values));
  return { ...ask, command, env: resolveAll(ask.env, values) };
}

function resolveAll(
  texts: Readonly<Record<string, string>>,
  values: PlaceholderValues,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, resolveText(value, values)]));
}

export function resolveSignals(
  signals: readonly SignalSpec[],
  values: PlaceholderValues,
): readonly SignalSpec[] {
  const resolve = (text: string) => resolveText(text, values);
  return signals.map((signal) => {
    const { source } = signal;
    if (source.kind === "command") return { ...signal, source: resolveCommand(source, values) };
    const headers = resolveAll(source.headers, values);
    if (source.kind !== "alerts")
      return { ...signal, source: { ...source, url: resolve(source.url), headers } };
    const { prometheus, alertmanager } = source;
    const urls = {
      prometheus: prometheus === null ? null : resolve(prometheus),
      alertmanager: alertmanager === null ? null : resolve(alertmanager),
    };
    return { ...signal, source: { ...source, ...urls, headers } };
  });
}

function textsOfSource(source: SignalSpec["source"]): readonly string[] {
  if (source.kind === "command") return textsOfAsk(source);
  const headers = Object.values(source.headers);
  if (source.kind !== "alerts") return [source.url, ...headers];
  return [source.prometheus, source.alertmanager, ...headers].filter((text) => text !== null);
}

/** "$${" becomes "${". */
export function resolveText(text: string, values: PlaceholderValues): string {
  return parseTemplate(text)
    .map((part) => {
      if (part.kind === "text") return part.text;
      const value = values.get(part.expression);
      // The scenario's checks have made sure that the name is declared.
      if (value === undefined) throw new Error(`${part.expression} has no place here, or is not known yet`);
      return value;
    })
    .join("");
}

function textsOf({ command, prepare, cleanup, readyCommand, env, ready }: ServiceSpec): readonly string[] {
  const commands = [command, ...prepare, ...cleanup, readyCommand ?? []];
  return [...commands.flat(), ...Object.values(env), ...(ready === null ? [] : [ready])];
}

function textsOfAsk(ask: CheckSpec["ask"]): readonly string[] {
  switch (ask.kind) {
    case "http":
      return [ask.url, ...Object.values(ask.headers)];
    case "command":
      return [...ask.command, ...Object.values(ask.env)];
    case "kubernetes":
      return [];
  }
}
