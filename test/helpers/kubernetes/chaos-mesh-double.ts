import { setTimeout as pause } from "node:timers/promises";
import { chaosKind } from "../../../src/faults/chaos-mesh/chaos-object.js";
import {
  type ClusterObject,
  fieldAt,
  isObject,
  listAt,
  POD,
  type ResourceKind,
  textAt,
} from "../../../src/kubernetes/objects.js";
import type { ApiDouble } from "./api-double.js";
import { publishedSpec, specMistakes } from "./crd-check.js";

export const NETWORK_CHAOS = chaosKind("NetworkChaos");
export const POD_CHAOS = chaosKind("PodChaos");

const FINALIZER = "chaos-mesh/records";
const PAUSE = "experiment.chaos-mesh.org/pause";

/** What its controllers do to a pod, as a test has it. */
export interface ChaosMeshMoods {
  /** Why it cannot be injected there. null: it can. */
  fails: (pod: string) => string | null;
  /** Whether it can be taken out. */
  recovers: boolean;
  /** Whether the controllers run at all. */
  isRunning: boolean;
}

/**
 * Plays Chaos Mesh at the double of an API server: it selects, injects and recovers as controllers/common of chaos-mesh does (records,
 * conditions, a finalizer), and refuses what its published schema has not.
 */
export function playChaosMesh(double: ApiDouble): ChaosMeshMoods {
  const moods: ChaosMeshMoods = { fails: () => null, recovers: true, isRunning: true };
  for (const kind of [NETWORK_CHAOS, POD_CHAOS]) {
    double.react(kind, (object) => void reconcile(double, kind, object, moods));
  }
  const before = double.admits;
  double.admits = (operation, kind, object) => {
    if (kind.group !== NETWORK_CHAOS.group || operation === "DELETE") return before(operation, kind, object);
    return specMistakes(publishedSpec("chaos-mesh", kind.kind), object)[0] ?? before(operation, kind, object);
  };
  return moods;
}

interface Record {
  readonly id: string;
  readonly selectorKey: string;
  readonly phase: string;
  readonly injectedCount: number;
  readonly recoveredCount: number;
  readonly events: readonly unknown[];
}

async function reconcile(
  double: ApiDouble,
  kind: ResourceKind,
  seen: ClusterObject,
  moods: ChaosMeshMoods,
): Promise<void> {
  await pause(10);
  const { namespace = "", name } = seen.metadata;
  const object = double.get(kind, namespace, name);
  if (object === undefined || !moods.isRunning) return;
  const isDeleted = object.metadata.deletionTimestamp !== undefined;
  const phase = desiredPhase(object, isDeleted);
  const records = nextRecords(double, object, phase, moods);
  const isOut = (records ?? []).every((record) => record.phase === "Not Injected");
  if (isDeleted && isOut) {
    double.put(kind, {
      ...object,
      metadata: { ...object.metadata, finalizers: [] } as ClusterObject["metadata"],
    });
    return;
  }
  const status = {
    conditions: conditionsOf(records, object),
    experiment: { desiredPhase: phase, ...(records === undefined ? {} : { containerRecords: records }) },
  };
  const finalizers = [FINALIZER];
  if (
    JSON.stringify(status) === JSON.stringify(object.status) &&
    listAt(object, "metadata", "finalizers").length > 0
  )
    return;
  double.put(kind, {
    ...object,
    metadata: { ...object.metadata, finalizers } as ClusterObject["metadata"],
    status,
  });
}

function desiredPhase(object: ClusterObject, isDeleted: boolean): "Run" | "Stop" {
  if (isDeleted) return "Stop";
  if (["pod-kill", "container-kill"].includes(textAt(object, "spec", "action") ?? "")) return "Run";
  const lastsS = Number.parseInt(textAt(object, "spec", "duration") ?? "", 10);
  const sinceMs = Date.now() - Date.parse(object.metadata.creationTimestamp ?? "");
  if (sinceMs > lastsS * 1000) return "Stop";
  return object.metadata.annotations?.[PAUSE] === "true" ? "Stop" : "Run";
}

function nextRecords(
  double: ApiDouble,
  object: ClusterObject,
  phase: "Run" | "Stop",
  moods: ChaosMeshMoods,
): readonly Record[] | undefined {
  const found = fieldAt(object, ["status", "experiment", "containerRecords"]);
  // What this double has written.
  const records = Array.isArray(found) ? (found as readonly Record[]) : selected(double, object);
  return records?.map((record) => {
    if (phase === "Run" && record.phase !== "Injected") {
      const why = moods.fails(record.id);
      if (why !== null) return { ...record, events: [{ type: "Failed", operation: "Apply", message: why }] };
      const events = [{ type: "Succeeded", operation: "Apply" }];
      return { ...record, phase: "Injected", injectedCount: record.injectedCount + 1, events };
    }
    if (phase === "Stop" && record.phase === "Injected" && moods.recovers) {
      const events = [{ type: "Succeeded", operation: "Recover" }];
      return { ...record, phase: "Not Injected", recoveredCount: record.recoveredCount + 1, events };
    }
    return record;
  });
}

/** @returns undefined when there is no such pod, as Chaos Mesh leaves its records then. */
function selected(double: ApiDouble, object: ClusterObject): readonly Record[] | undefined {
  const labels = fieldAt(object, ["spec", "selector", "labelSelectors"]);
  const wanted = Object.entries(isObject(labels) ? labels : {});
  const pods = listAt(object, "spec", "selector", "namespaces")
    .flatMap((namespace) => double.store.list(POD, String(namespace)))
    .filter((pod) => wanted.every(([label, value]) => pod.metadata.labels?.[label] === value));
  if (pods.length === 0) return undefined;
  return pods.map(({ metadata }) => ({
    id: `${metadata.namespace}/${metadata.name}`,
    selectorKey: ".",
    phase: "Not Injected",
    injectedCount: 0,
    recoveredCount: 0,
    events: [],
  }));
}

function conditionsOf(records: readonly Record[] | undefined, object: ClusterObject) {
  const all = (phase: string) => records?.every((record) => record.phase === phase) ?? false;
  const shown: readonly (readonly [string, boolean])[] = [
    ["Selected", records !== undefined],
    ["AllInjected", all("Injected")],
    ["AllRecovered", all("Not Injected")],
    ["Paused", object.metadata.annotations?.[PAUSE] === "true"],
  ];
  return shown.map(([type, is]) => ({ type, status: is ? "True" : "False" }));
}
