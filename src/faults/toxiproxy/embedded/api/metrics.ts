import type { ToxicProxy } from "../stream/proxy.js";
import type { DirectionTraffic, ProxyTraffic } from "../stream/traffic.js";

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly read: (
    traffic: ProxyTraffic,
  ) => number | { readonly upstream: number; readonly downstream: number };
}

const METRICS: readonly Metric[] = [
  bytes("received", "Bytes read from the sending side.", (each) => each.receivedBytes),
  bytes("sent", "Bytes handed to the receiving side.", (each) => each.sentBytes),
  {
    name: "faultline_proxy_connections_total",
    help: "Clients accepted.",
    type: "counter",
    read: (traffic) => traffic.connectionsTotal,
  },
  {
    name: "faultline_proxy_connections_open",
    help: "Clients connected now.",
    type: "gauge",
    read: (traffic) => traffic.connectionsOpen,
  },
  {
    name: "faultline_proxy_upstream_failures_total",
    help: "Clients closed again because the upstream could not be reached.",
    type: "counter",
    read: (traffic) => traffic.upstreamFailuresTotal,
  },
];

function bytes(verb: string, help: string, pick: (each: DirectionTraffic) => number): Metric {
  return {
    name: `toxiproxy_proxy_${verb}_bytes_total`,
    help,
    type: "counter",
    read: ({ upstream, downstream }) => ({ upstream: pick(upstream), downstream: pick(downstream) }),
  };
}

/** The exposition format of Prometheus, version 0.0.4. */
export const METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export function proxyMetricsText(proxies: readonly ToxicProxy[]): string {
  const lines: string[] = [];
  for (const metric of METRICS) {
    lines.push(`# HELP ${metric.name} ${metric.help}`, `# TYPE ${metric.name} ${metric.type}`);
    for (const proxy of proxies) {
      const labels = `listener="${escapeLabel(proxy.listen)}",proxy="${escapeLabel(proxy.name)}",upstream="${escapeLabel(proxy.upstream)}"`;
      const value = metric.read(proxy.traffic);
      if (typeof value === "number") lines.push(`${metric.name}{${labels}} ${value}`);
      else {
        lines.push(`${metric.name}{direction="upstream",${labels}} ${value.upstream}`);
        lines.push(`${metric.name}{direction="downstream",${labels}} ${value.downstream}`);
      }
    }
  }
  return `${lines.join("\n")}\n`;
}

function escapeLabel(label: string): string {
  return label.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** The body of GET /faultline/counters, by proxy name. `toxics` is what each of its toxics has done. */
export function countersJson(proxies: readonly ToxicProxy[]): string {
  return textOfMap(
    proxies.map((proxy) => {
      const toxics = textOfMap(proxy.toxics.map(({ name, tally }) => [name, JSON.stringify(tally)]));
      return [proxy.name, `${JSON.stringify(proxy.traffic).slice(0, -1)},"toxics":${toxics}}`];
    }),
  );
}

/** As text, because a name may be __proto__. */
function textOfMap(entries: readonly (readonly [name: string, json: string])[]): string {
  return `{${entries.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(",")}}`;
}
