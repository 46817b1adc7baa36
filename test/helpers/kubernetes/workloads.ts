import type { ClusterObject } from "../../../src/kubernetes/objects.js";

/** A deployment as its controller wants it: its pods have the label app. */
export function deployment(
  name: string,
  replicas: number,
  image = "shop/cart:1",
  namespace = "shop",
): ClusterObject {
  const labels = { app: name };
  return {
    metadata: { name, namespace, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name, image }] } },
    },
  };
}
