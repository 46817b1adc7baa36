import { statusShown } from "../../../support/names/grpc-status.js";
import type { FaultAction } from "../../fault-action.js";
import { exactMs } from "../../toxic.js";
import { type IstioSpec, istioSpecOf } from "./istio-action.js";

/** "status 503 for 30% of requests with x-tenant: acme to payments (Istio, namespace shop)", of each action. */
export function describeIstio(actions: readonly FaultAction[]): string {
  return actions
    .map((action) => {
      const spec = istioSpecOf(action);
      return spec === null ? action.kind : describeSpec(spec);
    })
    .join(", ");
}

function describeSpec({ abort, delay, headers, route, host, namespace }: IstioSpec): string {
  const status = abort?.grpc ?? (abort === null ? "" : statusShown(abort.status ?? 0));
  const parts = [
    delay === null ? "" : `${shareOf(delay.share)} held for ${exactMs(delay.ms)}`,
    abort === null ? "" : `${abort.grpc === null ? "" : "gRPC "}status ${status} for ${shareOf(abort.share)}`,
  ];
  const named = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const which = named.length === 0 ? "" : ` with ${named.join(", ")}`;
  const way = route === null ? "" : ` by route ${route}`;
  const what = parts.filter((part) => part !== "").join(" and ");
  return `${what}${which} to ${host}${way} (Istio, namespace ${namespace})`;
}

function shareOf(share: number): string {
  return share === 1 ? "all requests" : `${Number((share * 100).toPrecision(6))}% of requests`;
}
