import { type ClusterObject, fieldAt, listAt, numberAt, textAt } from "../../kubernetes/objects.js";

/** What Chaos Mesh says of one of its objects. */
export interface ChaosStatus {
  /** By their types: Selected, AllInjected, AllRecovered, Paused. */
  readonly conditions: ReadonlyMap<string, boolean>;
  readonly pods: readonly ChaosPod[];
  /** Whether it is to be in place now. false: its time is over, or it was paused. */
  readonly isToRun: boolean;
}

export interface ChaosPod {
  /** "shop/payments-5d8", with the container where there is one. */
  readonly id: string;
  readonly isInjected: boolean;
  readonly isRecovered: boolean;
  /** Whether it was injected at some time. */
  readonly injectedTimes: number;
  /** Why the last try failed. null: it did not. */
  readonly trouble: string | null;
}

export function chaosStatusOf(object: ClusterObject): ChaosStatus {
  const conditions = listAt(object, "status", "conditions").map((condition) => {
    return [textAt(condition, "type") ?? "", textAt(condition, "status") === "True"] as const;
  });
  return {
    conditions: new Map(conditions),
    pods: listAt(object, "status", "experiment", "containerRecords").map(podOf),
    isToRun: fieldAt(object, ["status", "experiment", "desiredPhase"]) !== "Stop",
  };
}

function podOf(record: unknown): ChaosPod {
  const last = listAt(record, "events").at(-1);
  const phase = textAt(record, "phase");
  return {
    id: textAt(record, "id") ?? "?",
    isInjected: phase === "Injected",
    isRecovered: phase === "Not Injected",
    injectedTimes: numberAt(record, "injectedCount") ?? 0,
    trouble: textAt(last, "type") === "Failed" ? (textAt(last, "message") ?? "it failed") : null,
  };
}
