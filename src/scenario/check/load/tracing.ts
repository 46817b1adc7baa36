import { parseTemplate } from "../../../notation/template.js";
import type { TreePath } from "../../text/tree.js";
import type { CheckContext, LoadParts } from "../context.js";
import { kindsSent } from "./kinds-sent.js";

/** `load.tracing`, and what contradicts it. */
export function checkTracing(context: CheckContext, load: LoadParts): void {
  const { tracing } = load;
  if (!tracing) return;
  const kinds = kindsSent(context, load);
  const lacking = kinds.find(({ without }) => without.includes("tracing"));
  // Where no request knows the key, there is a complaint already.
  if (lacking !== undefined && kinds.some(({ without }) => !without.includes("tracing"))) {
    const message = `\`tracing\` does not go with requests of ${lacking.name}: they carry no trace ids`;
    const help = `Take tracing away, or give requests of ${lacking.name} a scenario of their own.`;
    context.diagnostics.error("conflict", context.key("load", "tracing"), message, help);
  }
  checkLink(context, typeof tracing === "object" ? tracing.traceLink : undefined);
  for (const at of headerMaps(context)) {
    for (const name of context.names(...at)) {
      if (name.toLowerCase() !== "traceparent") continue;
      const help = "Leave it out, or `tracing`.";
      const message = `\`${name}\` is set by load.tracing`;
      context.diagnostics.error("conflict", context.key(...at, name), message, help);
    }
  }
}

function checkLink(context: CheckContext, link: string | undefined): void {
  if (link === undefined) return;
  const parts = parseTemplate(link);
  const filled = parts.map((part) => (part.kind === "text" ? part.text : "0")).join("");
  const at = context.at("load", "tracing", "traceLink");
  if (!/^https?:\/\//i.test(filled) || !URL.canParse(filled)) {
    const help = 'For example "http://127.0.0.1:16686/trace/${traceId}".';
    context.diagnostics.error("wrong-value", at, "`traceLink` is an http:// or https:// URL", help);
  } else if (parts.every(({ kind }) => kind === "text")) {
    const help = "Put ${traceId} where the trace's id stands in the address.";
    context.diagnostics.error(
      "wrong-value",
      at,
      "without ${traceId}, `traceLink` is the same for all traces",
      help,
    );
  }
}

/** Wherever headers of requests stand. */
function headerMaps(context: CheckContext): readonly TreePath[] {
  const { requests = [], journeys = [] } = context.parts.valid.load ?? {};
  return [
    ["load", "headers"],
    ...requests.flatMap((_, at) => mapsOf(["load", "requests", at])),
    ...journeys.flatMap((journey, at) =>
      (journey?.steps ?? []).flatMap((_, step) => mapsOf(["load", "journeys", at, "steps", step])),
    ),
  ];
}

function mapsOf(request: TreePath): readonly TreePath[] {
  return [
    [...request, "headers"],
    [...request, "grpc", "metadata"],
  ];
}
