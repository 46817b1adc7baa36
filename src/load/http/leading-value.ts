import { parseReference, parseTemplate } from "../../notation/template.js";
import { readPath } from "../../notation/url-reference.js";
import type { HttpRequest } from "../../requests/http/http-request.js";
import { FaultlineError } from "../../support/errors.js";
import type { CompiledPart } from "../mix/request-template.js";
import type { Values } from "../mix/values.js";
import { compileEncoded } from "./encodings.js";

/** A value that a path begins with. It brings the whole path, or a URL of the target. */
export interface LeadingValue {
  readonly kind: "data" | "capture";
  /** The name of the capture, or of the data feed. */
  readonly name: string;
  readonly expression: string;
  /** The template behind the value. */
  readonly rest: string;
}

/** @returns null when the path begins with "/". */
export function leadingValue(path: string): LeadingValue | null {
  const [first] = parseTemplate(path);
  if (first?.kind !== "slot") return null;
  const reference = parseReference(first.expression);
  const rest = path.slice(first.end);
  const { expression } = first;
  if (reference.kind === "data") return { kind: "data", name: reference.feed, expression, rest };
  if (reference.kind === "capture") return { kind: "capture", name: reference.name, expression, rest };
  return null;
}

/**
 * Compiles a path that begins with a value, for a target. Captured values were read as paths when they were captured.
 * @throws SCENARIO_INVALID when a row of a data feed brings no path of the target.
 */
export function compileLeadingPath(
  { kind, name, expression, rest }: LeadingValue,
  target: string,
  values: Values,
): CompiledPart[] {
  if (kind === "data") {
    const wrong = values.everyValue(expression, (value) => readPath(value, target));
    if (wrong !== null) {
      throw new FaultlineError(
        "SCENARIO_INVALID",
        `a row of the data feed "${name}" ${wrong}: it cannot be a path`,
      );
    }
  }
  const read = values.reader(expression);
  const head: CompiledPart = (scope) => {
    const reading = readPath(read(scope), target);
    return reading.ok ? reading.path : "/";
  };
  return [head, ...compileEncoded(rest, "url", values)];
}

/** Names of the captures that give a step its path. */
export function capturedPaths(steps: readonly HttpRequest[]): ReadonlySet<string> {
  const leading = steps.flatMap(({ path }) => leadingValue(path) ?? []);
  return new Set(leading.filter(({ kind }) => kind === "capture").map(({ name }) => name));
}
