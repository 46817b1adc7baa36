import { nearest } from "../../support/names/suggestion.js";
import type { Metric, MetricFamily } from "../metric.js";
import type { KnownNames, NameReader } from "../name-reader.js";
import { type Crossing, type Observations, sum } from "../observations.js";
import type { SloMetric } from "../slo.js";
import { USUAL, withName } from "./plain.js";

/** Requests of HTTP a second that a system sends to what stands behind a proxy. Each try of a retry counts. */
export const attempts = family("attempts", "requests", /^(attempt|calls|retries|upstream_requests)$/);

/** Connections a second that a system opens to what stands behind a proxy. */
export const connections = family("connections", "opened", /^(connection|conns?|connects|dials)$/);

function family(kind: string, counts: Crossing, otherNames: RegExp): MetricFamily {
  return {
    kind,
    form: `${kind}(PROXY)`,
    names: [kind],
    otherNames,
    read: (word) => (word === kind ? { ok: true, metric: { kind } } : null),
    readName: (spec, text, known) =>
      readProxy(spec, text, { known: known.proxies, isHttp: counts === "requests" }),
    problem: ({ proxy }) =>
      typeof proxy === "string" && proxy !== ""
        ? null
        : { key: "proxy", expected: "expected a proxy's name" },
    of: ({ proxy }) => loadOn(String(proxy), kind, counts),
  };
}

function loadOn(proxy: string, kind: string, counts: Crossing): Metric {
  return {
    ...USUAL,
    spec: { kind, proxy },
    name: withName(kind, proxy),
    unit: "per_s",
    promise: "at_most",
    crossing: { proxy, counts },
    abort: {
      refusal: `${kind} are read from counters that an abort condition does not see`,
      suggestion: null,
    },
    value: (of) => meanPerS(of, proxy, counts),
  };
}

function meanPerS(of: Observations, proxy: string, counts: Crossing): number | null {
  const crossed = of.crossed?.(proxy, counts);
  if (!crossed) return null;
  const seconds = sum(crossed.lengthS);
  return seconds > 0 ? sum(crossed.counts) / seconds : null;
}

/** "(inventory)". @param known with `isHttp`, only proxies that see requests will do. */
function readProxy(
  { kind }: SloMetric,
  text: NameReader,
  { known, isHttp }: { readonly known: KnownNames["proxies"]; readonly isHttp: boolean },
): SloMetric {
  const fitting = [...(known ?? [])].filter(([, proxy]) => !isHttp || proxy.isHttp).map(([name]) => name);
  const named = text.inParentheses("proxy");
  if (named === null) {
    const message = `${kind} are those of one proxy: ${kind}(${fitting[0] ?? "NAME"})`;
    text.failMetric(message, fitting[0] === undefined ? null : `${kind}(${fitting[0]})`);
  }
  const { name } = named;
  const proxy = known?.get(name);
  if (known && !proxy) {
    const list = known.size === 0 ? "the scenario has none" : `known are ${[...known.keys()].join(", ")}`;
    text.failName(named, `no proxy is called "${name}"; ${list}`, nearest(name, fitting));
  }
  if (proxy && isHttp && !proxy.isHttp) {
    const message =
      `${kind} are requests of HTTP or gRPC, which the proxy "${name}" does not see; write \`protocol: http\` at the proxy, ` +
      "if HTTP is what crosses it, or `protocol: grpc`";
    text.failWithName(message, `connections(${name})`);
  }
  return { kind, proxy: name };
}
