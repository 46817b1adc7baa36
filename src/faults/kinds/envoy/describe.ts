import { statusShown } from "../../../support/names/grpc-status.js";
import type { FaultAction } from "../../fault-action.js";
import { exactMs } from "../../toxic.js";
import { type EnvoySpec, envoySpecOf } from "./envoy-action.js";

/** "status 503 for 30% of requests at Envoy 127.0.0.1:9901", of each action. */
export function describeEnvoy(actions: readonly FaultAction[]): string {
  return actions
    .map((action) => {
      const spec = envoySpecOf(action);
      return `${spec === null ? action.kind : whatIsDone(spec)} at ${envoyShown(action.target)}`;
    })
    .join(", ");
}

function whatIsDone({ abort, delay, statPrefix }: EnvoySpec): string {
  const parts = [
    delay === null ? "" : `${shareOf(delay.share)} held for ${exactMs(delay.ms)}`,
    abort === null
      ? ""
      : `${abort.grpc ? "gRPC status" : "status"} ${statusShown(abort.status)} for ${shareOf(abort.share)}`,
  ];
  const where = statPrefix === null ? "" : ` of ${statPrefix}`;
  return `${parts.filter((part) => part !== "").join(" and ")}${where}`;
}

function shareOf(share: number): string {
  return share === 1 ? "all requests" : `${Number((share * 100).toPrecision(6))}% of requests`;
}

/** "Envoy 127.0.0.1:9901", "Envoy of service gateway". */
function envoyShown(admin: string): string {
  const [, service] = /\$\{\s*services\.([\w-]+)\./.exec(admin) ?? [];
  return service === undefined
    ? `Envoy ${admin.replace(/^https?:\/\//, "").replace(/\/$/, "")}`
    : `Envoy of service ${service}`;
}
