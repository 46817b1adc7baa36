import { parseReference, parseTemplate, ReferenceProblem, TemplateError } from "./template.js";

/**
 * In a URL or host:port, of ${services.NAME.port} and ${proxies.NAME.…} the first that does not stand for a whole host, a
 * whole port or both: "http://2${proxies.a.port}30706433" would be another host than was looked at. null: all do.
 */
export function misplacedSlot(text: string): string | null {
  const parts = partsOf(text);
  let before = "";
  for (const [index, part] of parts.entries()) {
    if (part.kind === "text") {
      before += part.text;
      continue;
    }
    if (isBehindHost(before)) return null;
    const next = parts[index + 1];
    const after = next === undefined ? "" : next.kind === "text" ? next.text : "$";
    if (!standsAlone(part.expression, before, after)) return part.expression;
    before += "0";
  }
  return null;
}

/** Whatever comes now belongs to a path, a query or a fragment. */
function isBehindHost(before: string): boolean {
  return /[/?#]/.test(before.replace(/^[A-Za-z][\w+.-]*:\/\//, ""));
}

function standsAlone(expression: string, before: string, after: string): boolean {
  const reference = parseReference(expression);
  const part =
    reference.kind === "service_port" ? "port" : reference.kind === "proxy_address" ? reference.part : null;
  if (part === null) return true;
  const beginsHost = before === "" || before.endsWith("://");
  const isLast = /^(?:$|[/?#])/.test(after);
  if (part === "port") return before.endsWith(":") && isLast;
  return beginsHost && (isLast || (part === "host" && after.startsWith(":")));
}

function partsOf(text: string) {
  try {
    const parts = parseTemplate(text);
    for (const part of parts) if (part.kind === "slot") parseReference(part.expression);
    return parts;
  } catch (error) {
    // It has been complained about when variables were put in.
    if (error instanceof TemplateError || error instanceof ReferenceProblem) return [];
    throw error;
  }
}
