import { z } from "zod";
import { choice, text, wholeNumber } from "../../../quantities/schema.js";
import type { ValidParts } from "../../../quantities/valid-parts.js";
import { type KubernetesSpec, WAYS } from "../../cluster/kubernetes-action.js";

const MOST_PODS = 1_000;
const NAME = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;

const objectName = (what: string) => text(what).regex(NAME, { error: what }).max(253, { error: what });

/** What `kubernetes:` of a fault holds. */
export const kubernetesInput = z.strictObject(
  {
    namespace: objectName("the name of a namespace")
      .meta({
        description: "Where it acts. Named under `kubernetes: namespaces:` of the scenario, too.",
        samples: ["shop"],
      })
      .optional(),
    pods: text("a label selector")
      .meta({
        description: "The pods with these labels, as kubectl takes them.",
        samples: ["app=cart", "app=cart,track!=canary"],
      })
      .optional(),
    deployment: objectName("the name of a deployment")
      .meta({ description: "A deployment by its name.", samples: ["cart"] })
      .optional(),
    statefulSet: objectName("the name of a stateful set")
      .meta({ description: "A stateful set by its name.", samples: ["orders-db"] })
      .optional(),
    node: objectName("the name of a node")
      .meta({
        description: "A node by its name. Named under `kubernetes: nodes:` of the scenario, too.",
        samples: ["worker-2"],
      })
      .optional(),
    delete: wholeNumber(1, MOST_PODS)
      .meta({
        description:
          "Of `pods`: so many of those that are ready are deleted, chosen by the seed, at once. They have the time to end that they ask for. Only pods that something makes anew.",
        samples: [1],
      })
      .optional(),
    kill: wholeNumber(1, MOST_PODS)
      .meta({ description: "The same without any time to end (a grace of 0).", samples: [1] })
      .optional(),
    isolate: choice(WAYS)
      .meta({
        description:
          "Of `pods`: a NetworkPolicy forbids their traffic, both ways or one. The cluster's network has to enforce it, and only traffic shows whether it does.",
        samples: ["both"],
      })
      .optional(),
    scale: wholeNumber(0, MOST_PODS)
      .meta({
        description:
          "Of a `deployment` or `statefulSet`: so many replicas, and back to those that were found.",
        samples: [0],
      })
      .optional(),
    image: text("the name of an image")
      .meta({
        description:
          "Of a `deployment` or `statefulSet`: rolls out this image, and then the one that was found.",
        samples: ["registry.example.com/cart:broken"],
      })
      .optional(),
    container: text("the name of a container")
      .meta({
        description: "Whose `image` it is. Needed where the pods have several containers.",
        samples: ["cart"],
      })
      .optional(),
    cordon: z
      .literal(true, { error: "true (leave the key out otherwise)" })
      .meta({ description: "Of a `node`: it takes no new pods." })
      .optional(),
    drain: z
      .literal(true, { error: "true (leave the key out otherwise)" })
      .meta({
        description:
          "Of a `node`: it takes no new pods, and its pods of the named namespaces are evicted, as their PodDisruptionBudgets let them.",
      })
      .optional(),
    atMost: wholeNumber(1, MOST_PODS)
      .meta({
        description:
          "How many pods it may cost, for all but `delete` and `kill`. The run does not begin when it would be more.",
        samples: [3],
      })
      .optional(),
  },
  {
    error:
      "a map with what is acted on and what is done to it, such as { namespace: shop, pods: app=cart, delete: 1 }",
  },
);

export type KubernetesInput = z.output<typeof kubernetesInput>;

/** What acts on what. */
export const DEEDS_ON = {
  pods: ["delete", "kill", "isolate"],
  deployment: ["scale", "image"],
  statefulSet: ["scale", "image"],
  node: ["cordon", "drain"],
} as const satisfies Readonly<Record<string, readonly (keyof KubernetesInput)[]>>;

export type ActedOnKey = keyof typeof DEEDS_ON;
export const ACTED_ON = Object.keys(DEEDS_ON) as readonly ActedOnKey[];

/** @returns null when it is not whole. The checks say what is wrong. */
export function specOf(input: ValidParts<KubernetesInput>): KubernetesSpec | null {
  const { namespace, node } = input;
  const atMost = input.atMost ?? null;
  if (node !== undefined) {
    if (input.drain) return { deed: "drain", node, atMost };
    return input.cordon ? { deed: "cordon", node } : null;
  }
  if (namespace === undefined) return null;
  return specInNamespace(input, namespace);
}

function specInNamespace(input: ValidParts<KubernetesInput>, namespace: string): KubernetesSpec | null {
  const { pods, isolate, scale, image } = input;
  const atMost = input.atMost ?? null;
  if (pods !== undefined) {
    if (isolate !== undefined) return { deed: "isolate", namespace, pods, way: isolate, atMost };
    const count = input.kill ?? input.delete;
    if (count === undefined) return null;
    return { deed: "delete", namespace, pods, count, graceS: input.kill === undefined ? null : 0 };
  }
  const workload = input.deployment === undefined ? "statefulSet" : "deployment";
  const name = input.deployment ?? input.statefulSet;
  if (name === undefined) return null;
  const on = { namespace, workload, name, atMost } as const;
  if (scale !== undefined) return { deed: "scale", ...on, replicas: scale };
  return image === undefined ? null : { deed: "image", ...on, image, container: input.container ?? null };
}
