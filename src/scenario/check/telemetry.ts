import { parseReference, parseTemplate, ReferenceProblem, TemplateError } from "../../notation/template.js";
import type { Span } from "../text/source.js";
import type { TreePath } from "../text/tree.js";
import { isSecretName } from "../values/secrets.js";
import type { CheckContext } from "./context.js";
import { checkServersTls } from "./tls.js";

/** Keys under `telemetry:` that post to a URL: as their value, or under this key in it. */
const POSTED = {
  remoteWrite: "url",
  otlp: "endpoint",
  pushgateway: "url",
  grafana: "url",
  elasticsearch: "url",
} as const;

/** Those whose series get labels. */
const LABELLED = ["remoteWrite", "pushgateway"] as const;

/** Labels that a run gives its series itself: those of its phases, and those of its results. */
const OWN_LABELS = [
  ...["scenario", "phase", "id", "fault", "trial", "timed", "outcome", "quantile", "le"],
  ...["slo", "check", "unit", "verdict", "kind", "bound", "censored"],
];

/** What goes out. Its addresses are checked with all others. */
export function checkTelemetry(context: CheckContext): void {
  for (const [key, receiver] of Object.entries(context.parts.valid.telemetry ?? {})) {
    if (typeof receiver !== "object") continue;
    const url = "endpoint" in receiver ? receiver.endpoint : "url" in receiver ? receiver.url : undefined;
    checkServersTls(context, ["telemetry", key], receiver.tls, [url]);
  }
  for (const key of Object.keys(POSTED)) checkHeaders(context, ["telemetry", key, "headers"]);
  for (const key of LABELLED) {
    for (const name of context.names("telemetry", key, "labels")) {
      if (!OWN_LABELS.includes(name)) continue;
      const help = "Choose another name.";
      const at = context.key("telemetry", key, "labels", name);
      context.diagnostics.error("conflict", at, `\`${name}\` is a label of faultline's own`, help);
    }
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
    if (!isCredential(name) || value?.kind !== "scalar" || isFromEnvironment(value.written)) continue;
    const help = `Put it into the environment: ${name}: \${env.TELEMETRY_TOKEN}, with "Bearer " or "Basic " before it.`;
    const message = `\`${name}\` is a secret, and would stand in the file for everybody to read`;
    context.diagnostics.error("wrong-value", context.at(...at, name), message, help);
  }
}

/** Names of headers with a key in them, where their ends do not tell. */
const KEY_HEADER = /^(?:proxy-)?authorization$|^cookie$|^x-honeycomb-team$|api[_-]?key|key$/i;

function isCredential(header: string): boolean {
  return KEY_HEADER.test(header) || isSecretName(header);
}

/** A variable of the scenario stands in the file as well, and so does the default of one of the environment. */
function isFromEnvironment(written: string): boolean {
  try {
    return parseTemplate(written).some((part) => {
      if (part.kind === "text") return false;
      const reference = parseReference(part.expression);
      return reference.kind === "env" && (reference.fallback ?? "") === "";
    });
  } catch (error) {
    // What is wrong with the slot itself was said when it was to be filled.
    if (error instanceof TemplateError || error instanceof ReferenceProblem) return true;
    throw error;
  }
}
