import type { ProxySpec } from "../faults/fault-driver.js";
import type { Scenario } from "../scenario/read-scenario.js";
import { splitProxyAddress, tlsSides } from "../scenario/values/proxy-address.js";

export function buildProxies({ data, proxyTls }: Scenario): readonly ProxySpec[] {
  return Object.entries(data.proxies).map(([name, { listen, upstream, protocol, tls }]): ProxySpec => {
    const sides = tlsSides({ listen, upstream });
    const pem = proxyTls[name] ?? { ca: null, cert: null, key: null };
    const upstreamTls = { ...pem, servername: tls?.servername ?? null, verify: tls?.verify ?? true };
    return {
      name,
      listen: splitProxyAddress(listen).address,
      upstream: splitProxyAddress(upstream).address,
      protocol,
      ...(sides.services || sides.upstream
        ? { tls: { servesTls: sides.services, upstream: sides.upstream ? upstreamTls : null } }
        : {}),
    };
  });
}
