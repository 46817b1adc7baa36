import {
  describeSpec,
  KUBERNETES,
  kubernetesAction,
  kubernetesSpec,
  targetOfSpec,
} from "../cluster/kubernetes-action.js";
import { faultKind } from "../fault-kind.js";
import { checkKubernetes } from "./kubernetes/complaints.js";
import { kubernetesInput, specOf } from "./kubernetes/input.js";

export const kubernetesFault = faultKind({
  name: KUBERNETES,
  driver: KUBERNETES,
  keys: {
    kubernetes: kubernetesInput
      .meta({
        description:
          "Acts on objects of a cluster (docs/kubernetes.md). What: `pods` by labels, a `deployment`, a `statefulSet` or a `node`; and what is done to it. Namespaces and nodes have to be named under `kubernetes:` of the scenario.",
        samples: [{ namespace: "shop", pods: "app=cart", delete: 1 }],
      })
      .optional(),
  },
  modifiers: [],
  target: ({ kubernetes }) => {
    const spec = kubernetes && specOf(kubernetes);
    return spec ? targetOfSpec(spec) : null;
  },
  cluster: ({ kubernetes = {} }) => [
    ...(kubernetes.namespace === undefined
      ? []
      : [{ list: "namespaces" as const, name: kubernetes.namespace, path: [KUBERNETES, "namespace"] }]),
    ...(kubernetes.node === undefined
      ? []
      : [{ list: "nodes" as const, name: kubernetes.node, path: [KUBERNETES, "node"] }]),
  ],
  clusterCode: ({ kubernetes: { image } = {} }) =>
    image === undefined
      ? []
      : [{ grant: `image/${image}`, what: `no image \`${image}\``, path: [KUBERNETES, "image"] }],
  slots: ({ kubernetes }) => {
    const spec = kubernetes && specOf(kubernetes);
    return spec ? [spec.deed] : [];
  },
  clash: "do the same to the same objects",
  check: ({ kubernetes }, said) => (kubernetes ? checkKubernetes(kubernetes, said) : []),
  actions: ({ kubernetes }) => {
    const spec = kubernetes && specOf(kubernetes);
    return spec ? [kubernetesAction(spec)] : [];
  },
  describe: (actions) =>
    actions
      .map((action) => {
        const spec = kubernetesSpec(action);
        return spec === null ? `something done to ${action.target}` : describeSpec(spec);
      })
      .join(", "),
});
