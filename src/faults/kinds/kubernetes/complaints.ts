import { parseLabels } from "../../../kubernetes/label-selector.js";
import type { Complaint } from "../../../notation/complaint.js";
import type { ValidParts } from "../../../quantities/valid-parts.js";
import { KUBERNETES } from "../../cluster/kubernetes-action.js";
import type { Said } from "../../fault-kind.js";
import { ACTED_ON, type ActedOnKey, DEEDS_ON, type KubernetesInput } from "./input.js";

const ALL_DEEDS = [...new Set(Object.values(DEEDS_ON).flat())];

/** What does not go together. */
export function checkKubernetes(input: ValidParts<KubernetesInput>, said: Said): readonly Complaint[] {
  const isSaid = (key: string) => said.has(KUBERNETES, key);
  // A key that is not known may be meant for one of them.
  const isUnclear = !said.lacks(KUBERNETES, "?");
  const named = ACTED_ON.filter(isSaid);
  const deeds = ALL_DEEDS.filter(isSaid);
  const [on] = named;
  if (on === undefined) {
    if (isUnclear) return [];
    return [
      wrong([], "key", "`kubernetes` names nothing that it acts on", `Give one of: ${ACTED_ON.join(", ")}.`),
    ];
  }
  return [
    ...named
      .slice(1)
      .map((key) =>
        wrong(
          [key],
          "key",
          `\`${on}\` and \`${key}\` cannot both be acted on by one fault`,
          "Write them as two injections.",
        ),
      ),
    ...(deeds.length === 0 && isUnclear ? [] : deedsOn(on, deeds)),
    ...(isUnclear ? [] : placesOf(on, isSaid)),
    ...(isUnclear ? [] : mannersOf(isSaid)),
    ...labelsOf(input),
  ];
}

function deedsOn(on: ActedOnKey, deeds: readonly (typeof ALL_DEEDS)[number][]): readonly Complaint[] {
  const own: readonly string[] = DEEDS_ON[on];
  const fit = deeds.filter((deed) => own.includes(deed));
  const unfit = deeds.filter((deed) => !own.includes(deed));
  if (deeds.length === 0)
    return [wrong([on], "key", `nothing is done to \`${on}\``, `Give one of: ${own.join(", ")}.`)];
  return [
    ...unfit.map((deed) =>
      wrong([deed], "key", `\`${deed}\` is not done to a \`${on}\``, `What is: ${own.join(", ")}.`),
    ),
    ...fit
      .slice(1)
      .map((deed) =>
        wrong(
          [deed],
          "key",
          `\`${fit[0]}\` and \`${deed}\` cannot both be done by one fault`,
          "Write them as two injections, or as stages.",
        ),
      ),
  ];
}

function placesOf(on: ActedOnKey, isSaid: (key: string) => boolean): readonly Complaint[] {
  if (on === "node" && isSaid("namespace")) {
    const help =
      "A drain evicts the pods of the namespaces that are named under `kubernetes:` of the scenario.";
    return [wrong(["namespace"], "key", "a `node` is in no namespace", help)];
  }
  return on === "node" || isSaid("namespace")
    ? []
    : [wrong([on], "key", "`namespace` is missing: where is it?", "Write namespace: shop beside it.")];
}

function labelsOf({ pods }: ValidParts<KubernetesInput>): readonly Complaint[] {
  if (pods === undefined || parseLabels(pods) !== null) return [];
  const message = "expected a label selector, such as app=cart or app=cart,track!=canary";
  return [
    { ...wrong(["pods"], "value", message, "As kubectl get pods --selector takes it."), code: "wrong-value" },
  ];
}

function mannersOf(isSaid: (key: string) => boolean): readonly Complaint[] {
  const found: Complaint[] = [];
  if (isSaid("container") && !isSaid("image")) {
    found.push(
      wrong(["container"], "key", "`container` says whose `image` it is, which is missing", "Leave it out."),
    );
  }
  if (isSaid("atMost") && ["delete", "kill", "cordon"].some(isSaid)) {
    const help = "`delete` and `kill` say how many themselves; `cordon` costs no pod.";
    found.push(wrong(["atMost"], "key", "`atMost` has nothing to limit here", help));
  }
  return found;
}

function wrong(path: readonly string[], at: "key" | "value", message: string, help: string): Complaint {
  return { code: "conflict", path: [KUBERNETES, ...path], at, message, help };
}
