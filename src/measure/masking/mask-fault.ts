import { maskAction, maskStage } from "../../faults/mask-action.js";
import type { InjectionProof, TargetProof } from "../../faults/proof.js";
import type { ProofNote } from "../../faults/proof-note.js";
import type { FaultRecord } from "../record.js";
import { maskRound } from "./masked-names.js";
import { maskAddress, maskTexts } from "./masked-texts.js";

export function maskFault(
  fault: FaultRecord,
  name: (text: string) => string,
  slo: (text: string) => string,
  mask: (text: string) => string,
): FaultRecord {
  const { search } = fault;
  return {
    ...fault,
    name: name(fault.name),
    ...maskRound(fault.round, name),
    actions: fault.actions.map((action) => maskAction(action, mask)),
    ...(fault.stages ? { stages: fault.stages.map((stage) => maskStage(stage, mask)) } : {}),
    notRun: fault.notRun === null ? null : mask(fault.notRun),
    ...(fault.notRunBrief === undefined ? {} : { notRunBrief: mask(fault.notRunBrief) }),
    ...(fault.obstacle?.fault ? { obstacle: { ...fault.obstacle, fault: name(fault.obstacle.fault) } } : {}),
    proof: fault.proof === null ? null : maskProof(fault.proof, mask),
    search:
      search === null
        ? null
        : {
            ...search,
            until: slo(search.until),
            ...(search.endedEarly ? { endedEarly: mask(search.endedEarly) } : {}),
          },
  };
}

function maskProof(proof: InjectionProof, mask: (text: string) => string): InjectionProof {
  return {
    ...proof,
    explanation: mask(proof.explanation),
    ...(proof.because === undefined ? {} : { because: proof.because.map((note) => maskNote(note, mask)) }),
    targets: proof.targets.map((each) => maskTarget(each, mask)),
  };
}

function maskNote({ id, facts }: ProofNote, mask: (text: string) => string): ProofNote {
  const address = (text: string) => maskAddress(text, mask);
  // Masking leaves the form as it is.
  return { id, facts: maskTexts(facts, address) as ProofNote["facts"] };
}

function maskTarget(
  { traffic, evidence, ...each }: TargetProof,
  mask: (text: string) => string,
): TargetProof {
  const address = (text: string) => maskAddress(text, mask);
  return {
    ...each,
    ...(traffic
      ? { traffic: { ...traffic, listen: address(traffic.listen), upstream: address(traffic.upstream) } }
      : {}),
    ...(evidence === undefined ? {} : { evidence: maskTexts(evidence, address) }),
  };
}
