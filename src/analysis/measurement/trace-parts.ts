import type { PhaseRecord } from "../../measure/record.js";
import type { TracePart } from "../document/phase-part.js";

const SLOT = "${traceId}";

/** Traces of a phase with links to where they are shown. @param template null: nobody knows where. */
export function traceParts(
  { traces }: Pick<PhaseRecord, "traces">,
  template: string | null,
): { readonly traces?: TracePart[] } {
  if (!traces) return {};
  return { traces: traces.map((trace) => ({ ...trace, link: linkTo(trace.traceId, template) })) };
}

/** @returns null when it would be no web address: a record may come from anywhere. */
function linkTo(traceId: string, template: string | null): string | null {
  const link = template?.replaceAll(SLOT, traceId) ?? "";
  if (!URL.canParse(link)) return null;
  const { protocol, href } = new URL(link);
  return protocol === "http:" || protocol === "https:" ? href : null;
}
