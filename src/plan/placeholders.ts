import type { ProxySpec } from "../faults/fault-driver.js";
import { parseReference, parseTemplate } from "../scenario/values/template.js";
import type { LoadTarget } from "./load-plan.js";
import type { RunPlan, ServiceSpec } from "./run-plan.js";

/** Names of the services that need a free port, because ${services.NAME.port} is used somewhere. */
export function servicesWithPort(plan: RunPlan): readonly string[] {
  const texts = [
    ...plan.services.flatMap((service) => textsOf(service)),
    ...plan.proxies.flatMap(({ listen, upstream }) => [listen, upstream]),
    plan.load.target.url,
  ];
  const names = new Set<string>();
  for (const text of texts) {
    for (const part of parseTemplate(text)) {
      if (part.kind !== "slot") continue;
      const reference = parseReference(part.expression);
      if (reference.kind === "service_port") names.add(reference.service);
    }
  }
  return [...names];
}

/** Values that are known only when the run begins, by the text between ${ and }. */
export type PlaceholderValues = ReadonlyMap<string, string>;

/** The free port that was picked for each service. */
export function servicePortValues(ports: ReadonlyMap<string, number>): PlaceholderValues {
  return new Map([...ports].map(([name, port]) => [`services.${name}.port`, String(port)]));
}

/** Proxies come first: the services are told their addresses. Proxies may only use service ports. */
export function resolveProxies(
  proxies: readonly ProxySpec[],
  values: PlaceholderValues,
): readonly ProxySpec[] {
  return proxies.map((proxy) => ({
    ...proxy,
    listen: resolveText(proxy.listen, values),
    upstream: resolveText(proxy.upstream, values),
  }));
}

export function resolveServices(
  services: readonly ServiceSpec[],
  values: PlaceholderValues,
): readonly ServiceSpec[] {
  const resolve = (text: string) => resolveText(text, values);
  return services.map((service) => ({
    ...service,
    command: service.command.map(resolve),
    env: Object.fromEntries(Object.entries(service.env).map(([name, value]) => [name, resolve(value)])),
    ready: service.ready === null ? null : resolve(service.ready),
  }));
}

export function resolveTarget(target: LoadTarget, values: PlaceholderValues): LoadTarget {
  return { ...target, url: resolveText(target.url, values) };
}

/** "$${" becomes "${". */
function resolveText(text: string, values: PlaceholderValues): string {
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

function textsOf({ command, env, ready }: ServiceSpec): readonly string[] {
  return [...command, ...Object.values(env), ...(ready === null ? [] : [ready])];
}
