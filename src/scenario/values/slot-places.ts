import { parseReference, parseTemplate, ReferenceProblem, TemplateError } from "../../notation/template.js";

/**
 * The first slot in a URL or host:port that is out of place. ${services.NAME.port} and ${proxies.NAME.…} must stand for
 * a whole host, a whole port or both: "http://2${proxies.a.port}30706433" would be another host than the checked one.
 * @returns null when all are in place.
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

/** The slot already belongs to a path, a query or a fragment. */
function isBehindHost(before: string): boolean {
  return /[/?#]/.test(before.replace(/^[A-Za-z][\w+.-]*:\/\//, ""));
}

function standsAlone(expression: string, before: string, after: string): boolean {
  const reference = parseReference(expression);
  if (reference.kind === "proxy_address" && reference.part === "url") {
    return before === "" && /^(?:$|[/?#])/.test(after);
  }
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
    // substitute() has already complained.
    if (error instanceof TemplateError || error instanceof ReferenceProblem) return [];
    throw error;
  }
}
