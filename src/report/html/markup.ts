import { html as escapeHtml } from "../escape.js";

/** HTML that is safe to put into a page. Only `markup` and `trusted` make it. */
export class Markup {
  constructor(readonly text: string) {}
}

type Insertable = string | number | Markup | readonly Markup[] | null | false;

/** A template that escapes every inserted text. Only Markup goes in as it is. null and false leave nothing. */
export function markup(parts: TemplateStringsArray, ...values: readonly Insertable[]): Markup {
  return new Markup(parts.reduce((page, part, index) => page + toText(values[index - 1] ?? null) + part));
}

/** A sentence. Text between backticks becomes code. Not for attributes. */
export function prose(text: string): Markup {
  return new Markup(escapeHtml(text).replace(/`([^`<>]+)`/g, "<code>$1</code>"));
}

/** Text that is part of this package: styles, scripts. Never anything from a run. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function toText(value: Insertable): string {
  if (value === null || value === false) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map((item) => item.text).join("");
  return escapeHtml(String(value));
}

/** A value as JSON inside <script>. It has no "<", so nothing can close the element or open a comment. */
export function jsonForScript(value: unknown): Markup {
  return new Markup(
    JSON.stringify(value)
      .replace(/</g, "\\u003c")
      .replace(/\u2028/g, "\\u2028")
      .replace(/\u2029/g, "\\u2029"),
  );
}
