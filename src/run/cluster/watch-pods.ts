import type { Cluster } from "../../kubernetes/cluster.js";
import type { RunControl } from "../run-control.js";
import { RunPods } from "./run-pods.js";

/** From now on the pods that the scenario names are told of. @returns null when it names none. @throws ClusterProblem */
export async function watchPods(
  { recorder, stop, teardown }: RunControl,
  namespaces: readonly string[],
  cluster: Cluster,
): Promise<RunPods | null> {
  if (namespaces.length === 0) return null;
  const pods = new RunPods({
    cluster,
    namespaces,
    secondsAt: (atMs) => recorder.secondsAt(atMs),
    onEvent: (kind, text) => recorder.event(kind, text),
  });
  teardown.add("watch over pods", () => pods.stop());
  await stop.unlessStopped(pods.open(stop.signal));
  return pods;
}
