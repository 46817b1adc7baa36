import { didYouMean } from "../../diagnostics/did-you-mean.js";
import type { TreePath } from "../../text/tree.js";
import type { CheckContext } from "../context.js";

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
