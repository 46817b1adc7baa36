import { parseTemplate, TemplateError } from "../notation/template.js";

/** Whether values of each request stand in it. */
export function hasSlots(text: string): boolean {
  return partsOf(text).some(({ kind }) => kind === "slot");
}

/** The text itself, where nothing in it varies. */
export function literalText(text: string): string {
  return partsOf(text)
    .map((part) => (part.kind === "text" ? part.text : ""))
    .join("");
}

/** A text that is no template has had its complaint. */
function partsOf(text: string) {
  try {
    return parseTemplate(text);
  } catch (error) {
    if (error instanceof TemplateError) return [];
    throw error;
  }
}
