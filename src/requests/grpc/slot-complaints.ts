import type { Complaint } from "../../notation/complaint.js";
import { parseReference, parseTemplate, type Reference } from "../../notation/template.js";
import type { RequestSaid } from "../request-said.js";
import { valueMistake, valueOfText, type WantedValue } from "./scalar-values.js";
import type { TypedSlot } from "./typed-slot.js";

/** A value that a capture brings for a field that is no text. */
export interface CapturedField {
  readonly capture: string;
  readonly wanted: WantedValue;
}

/** Where a captured value must be what its field takes. */
export function capturedFields(slots: readonly TypedSlot[]): readonly CapturedField[] {
  return slots.flatMap(({ template, wanted }) => {
    const [only] = parseTemplate(template);
    const reference = only?.kind === "slot" ? parseReference(only.expression) : null;
    return reference?.kind === "capture" ? [{ capture: reference.name, wanted }] : [];
  });
}

/** About ${…} whose values cannot be what its field takes. What a capture brings is seen when it comes. */
export function slotComplaints(slots: readonly TypedSlot[], said: RequestSaid): readonly Complaint[] {
  return slots.flatMap((slot) => complaintOf(slot, said) ?? []);
}

function complaintOf({ path, template, wanted }: TypedSlot, said: RequestSaid): Complaint | null {
  const parts = parseTemplate(template);
  const [only] = parts;
  const isAlone = parts.length === 1 && only?.kind === "slot";
  for (const part of parts) {
    if (part.kind === "text") continue;
    if (!isAlone && parseReference(part.expression).kind === "capture") {
      const message = "a captured value stands alone in a field that is no text";
      return { code: "wrong-value", path, at: "value", message };
    }
    for (const sample of samplesOf(parseReference(part.expression), said)) {
      // Beside other text or other values it is seen with one value of each.
      const text = isAlone ? sample.text : filled(template, part.expression, sample.text, said);
      if (text === null) continue;
      const mistake = valueMistake(wanted, valueOfText(wanted, text));
      if (mistake === null) continue;
      const message = `expected ${mistake}; ${sample.found}`;
      return { code: "wrong-value", path, at: "value", message };
    }
  }
  return null;
}

interface Sample {
  readonly text: string;
  /** Where it comes from. It quotes nothing of a file. */
  readonly found: string;
}

function* samplesOf(reference: Reference, said: RequestSaid): Generator<Sample> {
  switch (reference.kind) {
    case "uuid":
      yield {
        text: "00000000-0000-4000-8000-000000000000",
        found: "${uuid} is a text of letters and digits",
      };
      return;
    case "seq":
      yield { text: "1", found: "${seq} is a whole number" };
      return;
    case "random_int": {
      const found = `\${random.int(${reference.min},${reference.max})} is a whole number between these`;
      for (const end of [reference.min, reference.max]) yield { text: String(end), found };
      return;
    }
    case "data": {
      const { feed, column } = reference;
      const rows = said.rowsOf(feed);
      const at = rows?.columns.indexOf(column) ?? -1;
      if (rows === null || at < 0) return;
      for (let row = 0; row < rows.rowCount; row++) {
        const text = rows.value(row, at) ?? "";
        yield { text, found: `row ${row + 1} of \`${feed}\` has something else in \`${column}\`` };
      }
      return;
    }
    default:
      return;
  }
}

/** The text with this value for one expression, and a first value for the others. @returns null when one is not known. */
function filled(template: string, expression: string, value: string, said: RequestSaid): string | null {
  let text = "";
  for (const part of parseTemplate(template)) {
    if (part.kind === "text") text += part.text;
    else if (part.expression === expression) text += value;
    else {
      const [sample] = samplesOf(parseReference(part.expression), said);
      if (sample === undefined) return null;
      text += sample.text;
    }
  }
  return text;
}
