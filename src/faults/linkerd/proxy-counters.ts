/** What a proxy of Linkerd has counted of the requests that it sent by one route, as its page of metrics says. Pure. */

import { metricLines } from "../cluster/metric-lines.js";
import type { ServicePort } from "./faulted-rules.js";

/** Requests that were tried again count once for each try. */
export type RoutedRequests = {
  readonly requests: number;
  /** Those that went to the failing backend. */
  readonly failed: number;
};

export const NONE_ROUTED: RoutedRequests = { requests: 0, failed: 0 };

/** Where a proxy has its metrics: its admin port. */
export const PROXY_METRICS = { port: 4191, path: "/metrics" } as const;

/** Of which requests the counters are asked. */
export interface RouteAsked {
  readonly namespace: string;
  /** The Service that is called. */
  readonly service: string;
  readonly port: number;
  /** The name of the HTTPRoute. */
  readonly route: string;
  readonly group: string;
  readonly failing: ServicePort;
}

/** @param page in Prometheus' text format. */
export function routedRequests(page: string, asked: RouteAsked): RoutedRequests {
  const counted = { ...NONE_ROUTED };
  for (const { labels, value } of metricLines(page, "outbound_http_route_backend_requests_total")) {
    // Older proxies say no ports.
    const has = (name: string, wanted: string) => (labels.get(name) ?? wanted) === wanted;
    const isOfRoute =
      labels.get("route_name") === asked.route &&
      labels.get("route_namespace") === asked.namespace &&
      has("route_group", asked.group) &&
      labels.get("parent_name") === asked.service &&
      labels.get("parent_namespace") === asked.namespace &&
      has("parent_port", String(asked.port));
    if (!isOfRoute) continue;
    counted.requests += value;
    const isFailing =
      labels.get("backend_name") === asked.failing.name &&
      labels.get("backend_namespace") === asked.namespace &&
      has("backend_port", String(asked.failing.port));
    if (isFailing) counted.failed += value;
  }
  return counted;
}
