import type { ProxySpec } from "../faults/proxy-spec.js";
import { parseReference, parseTemplate } from "../scenario/values/template.js";
import type { LoadTarget } from "./load-plan.js";
import type { RunPlan, ServiceSpec } from "./run-plan.js";

/** Addresses that are known only when it runs, by name. */
export interface Addresses {
  /** The free port picked for each service of `servicesWithPort`. */
  readonly servicePorts: ReadonlyMap<string, number>;
  /** host:port where each proxy really listens. */
  readonly proxyAddresses: ReadonlyMap<string, string>;
}

/** Names of the services for which a free port has to be picked, because ${services.NAME.port} stands somewhere. */
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

/** Proxies come first: their addresses are what the services are told. Only service ports may stand in them. */
export function resolveProxies(
  proxies: readonly ProxySpec[],
  servicePorts: Addresses["servicePorts"],
): readonly ProxySpec[] {
  const addresses = { servicePorts, proxyAddresses: new Map() };
  return proxies.map((proxy) => ({
    ...proxy,
    listen: resolveText(proxy.listen, addresses),
    upstream: resolveText(proxy.upstream, addresses),
  }));
}

export function resolveServices(
  services: readonly ServiceSpec[],
  addresses: Addresses,
): readonly ServiceSpec[] {
  const resolve = (text: string) => resolveText(text, addresses);
  return services.map((service) => ({
    ...service,
    command: service.command.map(resolve),
    env: Object.fromEntries(Object.entries(service.env).map(([name, value]) => [name, resolve(value)])),
    ready: service.ready === null ? null : resolve(service.ready),
  }));
}

export function resolveTarget(target: LoadTarget, addresses: Addresses): LoadTarget {
  return { ...target, url: resolveText(target.url, addresses) };
}

/** Fills ${services.NAME.port} and ${proxies.NAME.listen|host|port}; "$${" becomes "${". */
function resolveText(text: string, { servicePorts, proxyAddresses }: Addresses): string {
  return parseTemplate(text)
    .map((part) => {
      if (part.kind === "text") return part.text;
      const reference = parseReference(part.expression);
      if (reference.kind === "service_port") return String(known(servicePorts, reference.service));
      if (reference.kind !== "proxy_address") throw new Error(`${part.expression} has no place here`);
      const listen = known(proxyAddresses, reference.proxy);
      const colon = listen.lastIndexOf(":");
      return { listen, host: listen.slice(0, colon), port: listen.slice(colon + 1) }[reference.part];
    })
    .join("");
}

/** The scenario's checks have made sure that the name is declared. */
function known<T>(values: ReadonlyMap<string, T>, name: string): T {
  const value = values.get(name);
  if (value === undefined) throw new Error(`the address of ${name} is not known yet`);
  return value;
}

function textsOf({ command, env, ready }: ServiceSpec): readonly string[] {
  return [...command, ...Object.values(env), ...(ready === null ? [] : [ready])];
}
