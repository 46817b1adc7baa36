import { fieldAt } from "./objects.js";
import type { AskedOfCluster } from "./problem.js";
import type { Right } from "./rights.js";
import type { Sender, Sent } from "./sender.js";

/** Of these rights those that are missing. */
export async function lackingRights(
  sender: Sender,
  rights: readonly Right[],
  sent: Sent,
): Promise<readonly Right[]> {
  const asked: AskedOfCluster = {
    verb: "create",
    group: "authorization.k8s.io",
    resource: "selfsubjectaccessreviews",
    namespace: null,
    name: null,
  };
  const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  const answers = await Promise.all(
    rights.map((right) => sender.send(asked, { method: "POST", path, body: reviewOf(right) }, sent)),
  );
  return rights.filter((_, index) => isRefused(answers[index]));
}

/** Asks the server whether whoever asks has it. */
function reviewOf({ verb, group, resource, namespace, name }: Right): unknown {
  const [kind = "", subresource] = resource.split("/");
  const resourceAttributes = {
    verb,
    group,
    resource: kind,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === null ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
  return {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes },
  };
}

/** Whether the answer to such a question is no. */
function isRefused(review: unknown): boolean {
  return fieldAt(review, ["status", "allowed"]) !== true;
}
