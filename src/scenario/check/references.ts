/** Objects of a cluster that a scenario names: "k8s://shop/deployment/cart". */

import { READY_WORDS, readyKindOf } from "../../kubernetes/readiness/ready-kinds.js";
import {
  isMistake,
  isReferenceText,
  type ObjectReference,
  parseObjectReference,
} from "../../kubernetes/references/object-reference.js";
import type { TreePath } from "../text/tree.js";
import { readyUrl } from "../values/ready-url.js";
import type { CheckContext } from "./context.js";
import { checkGranted } from "./granted.js";

/** @returns null when it is none; then the complaint is made. */
export function checkReference(context: CheckContext, text: string, at: TreePath): ObjectReference | null {
  const parsed = parseObjectReference(text);
  if (isMistake(parsed)) {
    context.diagnostics.error("wrong-value", context.at(...at), parsed.message, parsed.help);
    return null;
  }
  const { namespace } = parsed;
  checkGranted(context, namespace, `no look into the namespace \`${namespace}\``, at);
  return parsed;
}

/** An object that is waited for. */
export function checkAwaitedObject(context: CheckContext, text: string, at: TreePath): void {
  const object = checkReference(context, text, at);
  if (object === null) return;
  const kind = readyKindOf(object);
  if (kind === null) {
    const help = `These can be waited for: ${READY_WORDS.join(", ")}.`;
    const message = "nobody knows what ready means for such an object";
    context.diagnostics.error("wrong-value", context.at(...at), message, help);
  } else if (object.name === null && !kind.takesLabels) {
    const help = "By labels only pods are waited for: k8s://shop/pod?app=cart.";
    context.diagnostics.error("wrong-value", context.at(...at), "expected one name", help);
  }
}

/** Whether a check or a service looks at an object of a cluster. */
export function hasReferences(context: CheckContext): boolean {
  const { checks = [], services = {} } = context.parts.valid;
  return (
    checks.some((check) => check?.kubernetes !== undefined) ||
    Object.values(services).some((service) => isReferenceText(readyUrl(service?.ready)?.url ?? ""))
  );
}
