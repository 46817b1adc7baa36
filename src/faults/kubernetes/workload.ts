import {
  type ClusterObject,
  DEPLOYMENT,
  type ObjectPlace,
  type ResourceKind,
  STATEFUL_SET,
} from "../../kubernetes/objects.js";
import { countOf } from "../../support/count-of.js";
import type { ClusterTools } from "../cluster/cluster-driver.js";
import { type SpecOf, targetOfSpec, type WorkloadKind } from "../cluster/kubernetes-action.js";
import { unfit } from "./hold.js";

export function kindOfWorkload(kind: WorkloadKind): ResourceKind {
  return kind === "deployment" ? DEPLOYMENT : STATEFUL_SET;
}

type WorkloadSpec = SpecOf<"scale"> | SpecOf<"image">;

export function placeOfWorkload({ namespace, workload, name }: WorkloadSpec): ObjectPlace {
  return { kind: kindOfWorkload(workload), namespace, name };
}

/** The workload as it is. @throws FaultlineError when it is not there. */
export async function workloadNow(spec: WorkloadSpec, { cluster }: ClusterTools): Promise<ClusterObject> {
  const found = await cluster.get(placeOfWorkload(spec));
  if (found === null) throw unfit(`${cluster.words} has no ${targetOfSpec(spec)}`);
  return found;
}

/** @throws FaultlineError when the fault would cost more pods than it may. */
export function refuseMoreThan(atMost: number | null, pods: number, target: string): void {
  if (atMost === null || pods <= atMost) return;
  throw unfit(`${target}: the fault would cost ${countOf(pods, "pod")}, and \`atMost\` says ${atMost}`);
}
