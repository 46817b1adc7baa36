import { FaultlineError, hasCode, messageOf } from "../../support/errors.js";
import { readRegularFile } from "../../support/read-regular-file.js";
import type { TracedSpan } from "../span.js";
import { spansOfJaeger } from "./jaeger.js";
import { spansOfOtlp } from "./otlp.js";

const MOST_BYTES = 256_000_000;
const HELP =
  "Take OpenTelemetry's JSON (as the collector's file exporter writes it, one document in each line) or Jaeger's (JSON of a search, from its page or /api/traces)";

/**
 * The spans of an exported file. A span that is there twice counts once.
 * @throws FaultlineError FILE_NOT_FOUND, FILE_UNREADABLE
 */
export async function readSpans(file: string, name: string): Promise<readonly TracedSpan[]> {
  const refuse = (why: string, cause?: unknown) =>
    new FaultlineError("FILE_UNREADABLE", `${name} ${why}. ${HELP}`, { cause });
  let text: string;
  try {
    text = String(await readRegularFile(file, { mostBytes: MOST_BYTES, beyond: "refuse" }));
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw new FaultlineError("FILE_NOT_FOUND", `${name} does not exist`);
    throw refuse(`cannot be read: ${messageOf(error)}`, error);
  }
  const spans = new Map<string, TracedSpan>();
  for (const document of documentsIn(text, refuse)) {
    const read = spansOfOtlp(document) ?? spansOfJaeger(document);
    if (read === null) throw refuse("holds no spans of a form that is known");
    for (const span of read) spans.set(`${span.traceId} ${span.spanId}`, span);
  }
  if (spans.size === 0) throw refuse("holds no spans");
  return [...spans.values()];
}

/** One document, or one in each line. */
function documentsIn(
  text: string,
  refuse: (why: string, cause?: unknown) => FaultlineError,
): readonly unknown[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  try {
    return lines.map((line): unknown => JSON.parse(line));
  } catch {
    // Then it is spread over lines.
  }
  try {
    return [JSON.parse(text)];
  } catch (error) {
    throw refuse(`is no JSON: ${messageOf(error)}`, error);
  }
}
