/** What the proof of a fault by Chaos Mesh says of each of its objects. */

import { countOf } from "../../support/count-of.js";
import { type NoteFacts, noteKind, type ProofNoteKind } from "../proof-note.js";

type OfObject = {
  /** "networkchaos shop/faultline-5f3c-1" */
  readonly object: string;
};

type OfPods = OfObject & {
  /** How many it chose. */
  readonly pods: number;
};

const OBJECT: OfObject = { object: "networkchaos shop/faultline-5f3c-1" };
const NAMED = 5;

export const proofNotes = {
  chaos_injected: noteKind<OfPods & { readonly names: readonly string[] }>(
    { ...OBJECT, pods: 2, names: ["shop/payments-1", "shop/payments-2"] },
    ({ object, pods, names }) => {
      const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
      const shown = `${names.slice(0, NAMED).join(", ")}${more}`;
      return `${object}: Chaos Mesh has injected it into ${pods} of ${countOf(pods, "pod")} (${shown})`;
    },
  ),
  chaos_not_in_all: noteKind<
    OfPods & {
      readonly injected: number;
      /** In the words of Chaos Mesh. null: it says nothing. */
      readonly others: readonly { readonly pod: string; readonly why: string | null }[];
    }
  >(
    { ...OBJECT, pods: 2, injected: 1, others: [{ pod: "shop/payments-2", why: "unable to flush ip sets" }] },
    ({ object, pods, injected, others }) => {
      const why = others.slice(0, NAMED).map((each) => `${each.pod}: ${each.why ?? "not injected"}`);
      return `${object}: Chaos Mesh has injected it into ${injected} of ${countOf(pods, "pod")}; ${why.join(", ")}`;
    },
  ),
  chaos_pods_gone: noteKind<OfPods & { readonly gone: readonly string[] }>(
    { ...OBJECT, pods: 2, gone: ["shop/payments-2"] },
    ({ object, pods, gone }) =>
      `${object}: ${gone.length} of ${countOf(pods, "pod")} that Chaos Mesh had injected it into went away while the fault was on (${gone.slice(0, NAMED).join(", ")}); those in their place are without it`,
  ),
  chaos_no_pod: noteKind<OfObject>(
    OBJECT,
    ({ object }) =>
      `${object}: Chaos Mesh has found no pod that its selector chooses, or its controller does not run`,
  ),
  chaos_ended_early: noteKind<OfObject>(
    OBJECT,
    ({ object }) =>
      `${object}: Chaos Mesh has ended it before the fault was over: somebody has paused it, or its time limit had come`,
  ),
  chaos_removed: noteKind<OfObject>(
    OBJECT,
    ({ object }) => `${object}: somebody has removed it while the fault was on`,
  ),
} satisfies Readonly<Record<string, ProofNoteKind<NoteFacts>>>;
