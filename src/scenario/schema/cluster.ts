import { z } from "zod";
import { list, positiveDuration, text } from "../../quantities/schema.js";

const OBJECT = "k8s://NAMESPACE/KIND/NAME";

/** The cluster that faults may act in, the load may go to, and what of it is looked at. Who asks it, and where it is, is the user's own kubeconfig. */
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
      })
      .optional(),
    nodes: list(text("the name of a node"), "a list of nodes")
      .meta({ description: "Nodes that may be cordoned and drained.", samples: [["worker-2"]] })
      .prefault([]),
    watch: list(text("the name of a namespace"), "a list of namespaces")
      .min(1, { error: "at least one namespace" })
      .meta({
        description:
          "Namespaces whose pods are watched: restarts, pods that are not ready any more, images that cannot be pulled. They are told on the timeline, and as a finding of a fault that did not do them.",
        samples: [["shop"]],
      })
      .optional(),
    ready: z
      .union([text(OBJECT), list(text(OBJECT), "a list of objects")], {
        error: `${OBJECT}, or a list of them`,
      })
      .meta({
        description:
          "Objects that have to be ready before anything is started: a deployment, statefulset or daemonset whose rollout is complete, a complete job, a ready pod, pods by labels, a service with a ready endpoint.",
        samples: ["k8s://shop/deployment/cart", ["k8s://shop/service/cart", "k8s://shop/pod?app=cart"]],
      })
      .optional(),
    readyTimeout: positiveDuration()
      .meta({ description: "How long to wait for all of `ready`." })
      .prefault("60s"),
  },
  { error: "a map with `namespaces`, `watch` or `ready`" },
);
