import { z } from "zod";
import { list, text } from "../../quantities/schema.js";

/** The cluster that faults may act in, and the load may go to. Who asks it, and where it is, is the user's own kubeconfig. */
export const clusterSchema = z.strictObject(
  {
    context: text("the name of a context")
      .meta({
        description:
          "A context of the kubeconfig. Default: its current one, or the service account of the pod that faultline runs in.",
        samples: ["kind-shop"],
      })
      .optional(),
    namespaces: list(text("the name of a namespace"), "a list of namespaces")
      .min(1, { error: "at least one namespace" })
      .meta({
        description:
          "Faults act in these alone, and a k8s:// target is in one of them. The run's lease is in the first.",
        samples: [["shop"]],
      }),
    nodes: list(text("the name of a node"), "a list of nodes")
      .meta({ description: "Nodes that may be cordoned and drained.", samples: [["worker-2"]] })
      .prefault([]),
  },
  { error: "a map with `namespaces`" },
);
