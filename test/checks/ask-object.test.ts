import { afterEach, beforeEach, expect, test } from "vitest";
import { ask } from "../../src/checks/ask.js";
import { judgeAnswer } from "../../src/checks/judge-answer.js";
import type { Cluster } from "../../src/kubernetes/cluster.js";
import { DEPLOYMENT, NAMESPACE } from "../../src/kubernetes/objects.js";
import { openCluster } from "../../src/kubernetes/open-cluster.js";
import { referenceIn } from "../../src/kubernetes/references/object-reference.js";
import type { CheckExpectation } from "../../src/plan/checks/check-spec.js";
import { type ApiDouble, startApiDouble } from "../helpers/kubernetes/api-double.js";

let double: ApiDouble;
let cluster: Cluster;

beforeEach(async () => {
  double = await startApiDouble();
  double.controllers.stop();
  cluster = await openCluster({ context: null }, { env: double.env, allowedHosts: [] });
});

afterEach(async () => {
  cluster.close();
  await double.close();
});

const expected: CheckExpectation = {
  exit: null,
  status: null,
  number: null,
  text: null,
  json: { "$.status.availableReplicas": { ">=": 2 } },
};

async function judged(timeoutMs = 5_000, mostBytes?: number, json: CheckExpectation["json"] = expected.json) {
  const context = {
    env: {},
    timeoutMs,
    signal: new AbortController().signal,
    starting: <T>(start: () => T) => start(),
    cluster,
  };
  const whom = { kind: "kubernetes", object: referenceIn("k8s://shop/deployment/cart") } as const;
  const expect = { ...expected, json };
  return judgeAnswer(expect, await ask({ ask: whom, expect }, context, mostBytes));
}

function putCart(availableReplicas: number): void {
  double.put(DEPLOYMENT, {
    metadata: { name: "cart", namespace: "shop" },
    spec: { note: "x".repeat(1_000) },
    status: { availableReplicas },
  });
}

test("what a path names in an object is held against what was expected", async () => {
  putCart(2);
  expect(await judged()).toEqual({ kind: "held" });
  putCart(1);
  const broken = await judged();
  expect(broken.kind).toBe("broken");
  expect(JSON.stringify(broken)).toContain("$.status.availableReplicas");
});

test("an object that is not there is an answer: the check does not hold", async () => {
  expect(await judged()).toEqual({ kind: "broken", reason: "there is no deployment shop/cart" });
});

test("without an answer nothing is known, and nothing of the object is shown", async () => {
  putCart(2);
  expect(await judged(5_000, 100)).toMatchObject({ kind: "unasked", why: "too_much", output: "" });
  double.may = () => false;
  expect(await judged()).toMatchObject({
    kind: "unasked",
    why: "no_answer",
    reason: expect.stringContaining("the right is missing to get deployments.apps in namespace shop"),
  });
  double.instead = () => "hang";
  expect(await judged(300)).toMatchObject({ kind: "unasked", why: "late" });
});

test("numbers of a status that are left out are zeros, others and those of no status are missing", async () => {
  putCart(2);
  const holds = async (json: CheckExpectation["json"]) => (await judged(5_000, undefined, json)).kind;
  expect(await holds({ "$.status.unavailableReplicas": 0 })).toBe("held");
  expect(await holds({ "$.status.unavailableReplicas": { "<=": 1 } })).toBe("held");
  expect(await holds({ "$.status.availableReplicas": 0 })).toBe("broken");
  expect(await holds({ "$.status.collisionCount": 0 })).toBe("broken");
  double.put(DEPLOYMENT, { metadata: { name: "cart", namespace: "shop" }, spec: {}, status: {} });
  expect(await holds({ "$.status.unavailableReplicas": 0 })).toBe("broken");
});

test("a status that is about an older spec is waited for, and is no answer", async () => {
  const put = (observedGeneration: number) =>
    double.put(DEPLOYMENT, {
      metadata: { name: "cart", namespace: "shop" },
      spec: { replicas: 2 },
      status: { observedGeneration, availableReplicas: 2 },
    });
  put(0);
  expect(await judged(500)).toMatchObject({
    kind: "unasked",
    why: "late",
    reason: "its controller did not see its newest change within 0.5 s",
  });
  expect(await judged(500, undefined, { "$.spec.replicas": 2 })).toEqual({ kind: "held" });
  const judging = judged(5_000);
  setTimeout(() => put(1), 300);
  expect(await judging).toEqual({ kind: "held" });
});

test("of an object whose namespace is not there, that is said", async () => {
  expect(await judged()).toMatchObject({ kind: "broken", reason: "there is no deployment shop/cart" });
  double.may = ({ resource }) => resource !== "namespaces";
  expect(await judged()).toMatchObject({ kind: "broken", reason: "there is no deployment shop/cart" });
  double.may = () => true;
  double.store.remove(NAMESPACE, null, "shop");
  expect(await judged()).toMatchObject({ kind: "broken", reason: 'there is no namespace "shop"' });
});
