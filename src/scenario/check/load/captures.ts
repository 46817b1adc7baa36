import type { ValidParts } from "../../../quantities/valid-parts.js";
import { didYouMean } from "../../diagnostics/did-you-mean.js";
import type { StepInput } from "../../schema/request.js";
import type { TreePath } from "../../text/tree.js";
import type { CheckContext } from "../context.js";
import { checkJsonPath } from "./json-path.js";
import { checkRegex } from "./regex.js";

const CAPTURE_FORMS = "one of `json`, `header` and `regex`, or `header` with `regex`";

/** What a step takes from its answer. */
export function checkCaptures(context: CheckContext, step: ValidParts<StepInput>, path: TreePath): void {
  const { diagnostics } = context;
  for (const [name, capture] of Object.entries(step.capture ?? {})) {
    if (!capture) continue;
    const at = [...path, "capture", name];
    const given = (["json", "header", "regex"] as const).filter((key) => !context.lacks(...at, key));
    const isOne = given.length === 1 || (given.length === 2 && !given.includes("json"));
    if (!isOne && !context.isUnclear(...at)) {
      const help = "Beside `header` a `regex` looks at that header's value, else at the body.";
      diagnostics.error("conflict", context.key(...at), `a capture has ${CAPTURE_FORMS}`, help);
    }
    if (capture.json !== undefined) checkJsonPath(context, capture.json, context.at(...at, "json"));
    if (capture.regex !== undefined) checkRegex(context, capture.regex, [...at, "regex"]);
  }
}

/** ${capture.NAME} needs an earlier step that captures NAME. `journey` is null for a request of no journey. */
export function checkCaptureSlots(
  context: CheckContext,
  path: TreePath,
  captured: ReadonlySet<string>,
  journey: string | null,
): void {
  for (const slot of context.deferred) {
    if (!path.every((part, index) => slot.path[index] === part)) continue;
    if (slot.reference.kind !== "capture" || captured.has(slot.reference.name)) continue;
    const { name } = slot.reference;
    const message =
      journey === null
        ? "only steps of a journey can use what an answer held"
        : `no step before this one captures \`${name}\`${didYouMean(name, captured)}`;
    const help =
      journey === null
        ? "Move the request into load.journeys."
        : "A value is there from the step after its capture on.";
    context.diagnostics.error("unknown-name", slot.span, message, help);
  }
}
