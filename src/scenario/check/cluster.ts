import { isNamespaceName } from "../../kubernetes/references/object-reference.js";
import { isClusterTarget, parseClusterTarget } from "../../notation/cluster-target.js";
import { didYouMean } from "../diagnostics/did-you-mean.js";
import type { TreePath } from "../text/tree.js";
import type { CheckContext } from "./context.js";
import { faultParts } from "./faults/fault-parts.js";
import { checkGranted } from "./granted.js";
import { checkAwaitedObject, hasReferences } from "./references.js";

/** They hold what makes the cluster one. */
const OF_THE_CLUSTER = ["kube-system", "kube-public", "kube-node-lease"];

const MISSING = "`kubernetes` of the scenario is missing: which namespaces may be touched?";
const NAME_IT =
  "Write kubernetes: { namespaces: [shop] } at the top level: nothing else of the cluster is touched.";

/** Faults and the load act only where the scenario names it, and (when it is not trusted) where the command line does. */
export function checkCluster(context: CheckContext): void {
  checkNamed(context);
  let isUsed = checkTarget(context);
  for (const { kind, input, at } of faultParts(context, (kind) => kind.cluster !== undefined)) {
    isUsed = true;
    if (context.lacks("kubernetes")) {
      context.diagnostics.error("missing-key", context.key(...at, kind.name), MISSING, NAME_IT);
      continue;
    }
    if (context.lacks("kubernetes", "namespaces")) {
      const help = "Name them: kubernetes: { namespaces: [shop] }.";
      const message = "`namespaces` of `kubernetes` is missing: which of them may be touched?";
      context.diagnostics.error("missing-key", context.at("kubernetes"), message, help);
      continue;
    }
    for (const { list, name, path } of kind.cluster?.(input) ?? [])
      checkUse(context, list, name, [...at, ...path]);
    for (const { grant, what, path } of kind.clusterCode?.(input) ?? [])
      checkGranted(context, grant, `${what}: that runs code in the cluster`, [...at, ...path]);
  }
  checkAwaited(context);
  const looks = ["watch", "ready"].some((key) => context.has("kubernetes", key));
  if (isUsed || looks || !context.has("kubernetes") || hasReferences(context)) return;
  const help = "To have its pods on the timeline: kubernetes: { watch: [shop] }.";
  context.diagnostics.warning("suspicious", context.key("kubernetes"), "no fault acts in this cluster", help);
}

/** What the scenario waits for before anything is started. */
function checkAwaited(context: CheckContext): void {
  const { ready } = context.parts.valid.kubernetes ?? {};
  const at = ["kubernetes", "ready"];
  if (typeof ready === "string") checkAwaitedObject(context, ready, at);
  for (const [index, text] of (typeof ready === "string" ? [] : (ready ?? [])).entries())
    if (text !== undefined) checkAwaitedObject(context, text, [...at, index]);
  if (!context.has("kubernetes", "readyTimeout") || context.has("kubernetes", "ready")) return;
  const message = "`readyTimeout` has nothing to wait for: `ready` is missing";
  context.diagnostics.warning("suspicious", context.key("kubernetes", "readyTimeout"), message);
}

/** @returns whether the load goes into the cluster. */
function checkTarget(context: CheckContext): boolean {
  const { target: text = "" } = context.parts.valid.load ?? {};
  const target = parseClusterTarget(text);
  // There is a complaint about its form already.
  if (target === null) return isClusterTarget(text);
  const at = ["load", "target"];
  if (context.lacks("kubernetes"))
    context.diagnostics.error("missing-key", context.at(...at), MISSING, NAME_IT);
  else checkUse(context, "namespaces", target.namespace, at);
  return true;
}

function checkUse(context: CheckContext, list: "namespaces" | "nodes", name: string, at: TreePath): void {
  const known = (context.parts.valid.kubernetes?.[list] ?? []).filter((each) => each !== undefined);
  if (known.includes(name)) return;
  const one = list === "namespaces" ? "namespace" : "node";
  context.diagnostics.error(
    "unknown-name",
    context.at(...at),
    `the ${one} \`${name}\` is not named under \`kubernetes: ${list}:\`${didYouMean(name, known)}`,
    `What is not named there is not touched. Named: ${known.join(", ") || "none"}.`,
  );
}

function checkForm(context: CheckContext, name: string, at: TreePath): void {
  if (isNamespaceName(name)) return;
  const message = `\`${name}\` is no name of a namespace`;
  const help = "Such a name has lower-case letters, digits and `-`: shop.";
  context.diagnostics.error("wrong-value", context.at(...at), message, help);
}

function checkNamed(context: CheckContext): void {
  const { namespaces = [], nodes = [], watch = [] } = context.parts.valid.kubernetes ?? {};
  for (const [index, name] of namespaces.entries()) {
    if (name === undefined) continue;
    const at = ["kubernetes", "namespaces", index];
    checkForm(context, name, at);
    if (OF_THE_CLUSTER.includes(name)) {
      const message = `\`${name}\` holds the cluster itself: a fault there may take all of it down`;
      context.diagnostics.warning("suspicious", context.at(...at), message);
    }
    checkGranted(context, name, `no fault or load in the namespace \`${name}\``, at);
  }
  for (const [index, name] of watch.entries()) {
    const at = ["kubernetes", "watch", index];
    if (name !== undefined) checkForm(context, name, at);
    if (name !== undefined && watch.indexOf(name) !== index)
      context.diagnostics.error("duplicate", context.at(...at), `\`${name}\` stands there twice`);
    else if (name !== undefined) checkGranted(context, name, `no look into the namespace \`${name}\``, at);
  }
  for (const [index, name] of nodes.entries()) {
    if (name === undefined) continue;
    checkGranted(context, `node/${name}`, `no fault on the node \`${name}\``, ["kubernetes", "nodes", index]);
  }
  if (context.untrusted === null || !context.has("kubernetes", "context")) return;
  context.diagnostics.error(
    "untrusted",
    context.at("kubernetes", "context"),
    "a scenario that is not trusted does not choose the cluster",
    "Leave it out: the current context of the kubeconfig is taken.",
  );
}
