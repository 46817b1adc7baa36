import type { Span } from "../text/source.js";
import type { TreePath } from "../text/tree.js";
import { isSecretName } from "../values/secrets.js";
import type { CheckContext } from "./context.js";

/** Keys under `telemetry:` that post to a URL: as their value, or under this key in it. */
const POSTED = { remoteWrite: "url", otlp: "endpoint", grafana: "url", elasticsearch: "url" } as const;

/** Labels that a run gives its series itself. */
const OWN_LABELS = ["scenario", "phase", "id", "fault", "trial", "outcome", "quantile", "le", "slo", "check"];

/** What goes out. Its addresses are checked with all others. */
export function checkTelemetry(context: CheckContext): void {
  for (const key of Object.keys(POSTED)) checkHeaders(context, ["telemetry", key, "headers"]);
  for (const name of context.names("telemetry", "remoteWrite", "labels")) {
    if (!OWN_LABELS.includes(name)) continue;
    const help = "Choose another name.";
    const at = context.key("telemetry", "remoteWrite", "labels", name);
    context.diagnostics.error("conflict", at, `\`${name}\` is a label of faultline's own`, help);
  }
}

/** Where `telemetry:` is sent, each with its place. */
export function telemetryUrls(context: CheckContext): readonly (readonly [Span, string])[] {
  return Object.entries(POSTED).flatMap(([key, under]) =>
    [
      ["telemetry", key],
      ["telemetry", key, under],
    ].flatMap((at) => {
      const node = context.node(...at);
      const isText = node?.kind === "scalar" && typeof node.value === "string";
      return isText ? [[context.at(...at), node.text] as const] : [];
    }),
  );
}

/** A scenario is read by many. What opens a server to whoever has it stands in the environment. */
function checkHeaders(context: CheckContext, at: TreePath): void {
  for (const name of context.names(...at)) {
    const value = context.node(...at, name);
    if (!isCredential(name) || value?.kind !== "scalar" || value.written.includes("${")) continue;
    const help = `Put it into the environment: ${name}: \${env.TELEMETRY_TOKEN}, with "Bearer " or "Basic " before it.`;
    const message = `\`${name}\` is a secret, and would stand in the file for everybody to read`;
    context.diagnostics.error("wrong-value", context.at(...at, name), message, help);
  }
}

function isCredential(header: string): boolean {
  return /^(?:proxy-)?authorization$|^cookie$|key$/i.test(header) || isSecretName(header);
}
