import type { FaultAction } from "../../fault-action.js";
import { type LinkerdSpec, linkerdSpecOf } from "./linkerd-action.js";

/** "30% of requests with x-tenant: acme to payments sent to error-injector (Linkerd, namespace shop)", of each action. */
export function describeLinkerd(actions: readonly FaultAction[]): string {
  return actions
    .map((action) => {
      const spec = linkerdSpecOf(action);
      return spec === null ? action.kind : describeSplit(spec);
    })
    .join(", ");
}

function describeSplit({ share, headers, path, service, backend, namespace }: LinkerdSpec): string {
  const some = share === 1 ? "all requests" : `${Number((share * 100).toPrecision(6))}% of requests`;
  const named = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const which = named.length === 0 ? "" : ` with ${named.join(", ")}`;
  const where = path === null ? service : `${path} of ${service}`;
  const what = backend === null ? "answered with status 500" : `sent to ${backend.service}`;
  return `${some}${which} to ${where} ${what} (Linkerd, namespace ${namespace})`;
}
