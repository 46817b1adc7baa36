import { requestKindWith } from "../../../requests/kinds.js";
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
    if (capturedBefore(context, path, slot.path).includes(name)) continue;
    const { message, help } = unknown(name, captured, journey, isWithin(context, path, slot.path));
    context.diagnostics.error("unknown-name", slot.span, message, help);
  }
}

/** `isSaid`: in the messages of a conversation. */
function unknown(name: string, captured: ReadonlySet<string>, journey: string | null, isSaid: boolean) {
  const guess = didYouMean(name, captured);
  if (isSaid) {
    const help = "A value is there from the message after its capture on.";
    return { message: `no message before this one captures \`${name}\`${guess}`, help };
  }
  if (journey === null) {
    const help = "Move the request into load.journeys.";
    return { message: "only steps of a journey can use what an answer held", help };
  }
  const help = "A value is there from the step after its capture on.";
  return { message: `no step before this one captures \`${name}\`${guess}`, help };
}

/** Names of what a step captures from its answer. */
export function capturesOf(context: CheckContext, step: TreePath): readonly string[] {
  return [...context.names(...step, "capture"), ...capturedBefore(context, step, null)];
}

/** Names of what is captured within a conversation. `place`: by messages before that of this place. null: by all of them. */
function capturedBefore(context: CheckContext, step: TreePath, place: TreePath | null): readonly string[] {
  const list = conversationOf(context, step);
  const node = list && context.node(...list);
  if (!list || node?.kind !== "seq" || (place !== null && !isWithin(context, step, place))) return [];
  const end = place === null ? node.items.length : Number(place[list.length]);
  return [...node.items.keys()].slice(0, end).flatMap((index) => context.names(...list, index, "capture"));
}

function isWithin(context: CheckContext, step: TreePath, place: TreePath): boolean {
  return conversationOf(context, step)?.every((part, index) => place[index] === part) === true;
}

/** Where the list of a conversation's messages is. null: the step has none. */
function conversationOf(context: CheckContext, step: TreePath): TreePath | null {
  const { conversation } = requestKindWith(context.names(...step));
  return conversation === undefined ? null : [...step, ...conversation];
}
