import { afterEach, beforeEach, expect, test } from "vitest";
import { type ClusterTools, clusterDriver } from "../../../src/faults/cluster/cluster-driver.js";
import type { PlacedFault } from "../../../src/faults/cluster/placed-faults.js";
import type { FaultAction } from "../../../src/faults/fault-action.js";
import type { FaultDriver } from "../../../src/faults/fault-driver.js";
import type { Made } from "../../../src/kubernetes/changes/run-changes.js";
import type { Cluster } from "../../../src/kubernetes/cluster.js";
import { LEASE, NETWORK_POLICY } from "../../../src/kubernetes/objects.js";
import { FaultlineError } from "../../../src/support/errors.js";
import { type ApiDouble, startApiDouble } from "../../helpers/kubernetes/api-double.js";
import { type Told, toldBy } from "../../helpers/kubernetes/told.js";

let double: ApiDouble;
let told: Told;
let driven: FaultDriver;
/** In order: what was asked of the faults, with the name that each was given. */
let calls: string[];
/** Targets of which nothing can be seen. */
let hidden: Set<string>;
/** Targets whose fault does not go. */
let stuck: Set<string>;

const TERMS = { context: null, namespaces: ["shop"], nodes: [] };

/** Of a mesh that nobody has. Its fault is a NetworkPolicy. */
class PolicyFault implements PlacedFault<string> {
  readonly action: FaultAction;
  readonly #tools: ClusterTools;
  #made: Made | null = null;

  constructor(action: FaultAction, tools: ClusterTools) {
    this.action = action;
    this.#tools = tools;
  }

  get #object() {
    const metadata = { name: this.#tools.name, namespace: "shop" };
    return { metadata, spec: { podSelector: {}, policyTypes: ["Ingress"] } };
  }

  async rehearse(): Promise<void> {
    calls.push(`rehearse ${this.#tools.name.replace(/-[0-9a-f]{8}-/, "-RUN-")}`);
    await this.#tools.changes.rehearseMake(NETWORK_POLICY, this.#object);
  }

  async place(): Promise<void> {
    calls.push(`place ${this.#tools.name.replace(/-[0-9a-f]{8}-/, "-RUN-")}`);
    this.#made = await this.#tools.changes.make(NETWORK_POLICY, this.#object);
  }

  async seen(): Promise<string> {
    if (hidden.has(this.action.target)) throw new Error("it is dark");
    return this.action.target;
  }

  async takeOut(): Promise<void> {
    if (stuck.has(this.action.target)) throw new Error("it is stuck");
    if (this.#made !== null) await this.#tools.changes.takeBack(this.#made);
    this.#made = null;
  }
}

const meshDriver = (look: (cluster: Cluster) => Promise<void> = async () => {}) =>
  clusterDriver<string>({
    name: "mesh",
    rightsFor: () => [],
    faultsIn: async (cluster) => {
      await look(cluster);
      return (action, tools) => new PolicyFault(action, tools);
    },
    proofOf: (seen) => ({ strength: "observed", proven: true, explanation: seen.join(), targets: [] }),
  });

beforeEach(async () => {
  double = await startApiDouble({ namespaces: ["shop"] });
  told = toldBy("mesh", double, TERMS);
  driven = meshDriver();
  calls = [];
  hidden = new Set();
  stuck = new Set();
});
afterEach(async () => {
  await driven.close().catch(() => {});
  await double.close();
});

const fault = (target: string): FaultAction => ({ driver: "mesh", kind: "mesh", target, spec: {} });
const policies = () => double.store.list(NETWORK_POLICY, "shop");
const leases = () => double.store.list(LEASE, "shop");

test("an action of several stages is rehearsed once, and each fault has a name of its own", async () => {
  await driven.prepare(told.context([fault("a"), fault("b"), fault("a")]));
  expect(policies()).toEqual([]);
  await driven.inject([fault("a")]);
  await driven.inject([fault("a"), fault("b")]);
  expect(calls).toEqual([
    "rehearse faultline-RUN-rehearsed-0",
    "rehearse faultline-RUN-rehearsed-1",
    "place faultline-RUN-1",
    "place faultline-RUN-2",
  ]);
  expect(policies()).toHaveLength(2);
  await driven.close();
  expect([policies(), leases()]).toEqual([[], []]);
});

test("a stage that nothing can be seen of ends all the same, and its fault is not proven", async () => {
  await driven.prepare(told.context([fault("a"), fault("b")]));
  await driven.inject([fault("a")]);
  hidden.add("a");
  await driven.inject([fault("b")]);
  expect(policies()).toHaveLength(1);
  expect(await driven.prove()).toMatchObject({
    proven: false,
    explanation: "a could not be looked at: it is dark",
  });
  await driven.clear();
  await driven.inject([fault("b")]);
  expect(await driven.prove()).toMatchObject({ proven: true, explanation: "b" });
});

test("what a fault cannot take out itself is undone at the end, and only what is still there is a failure", async () => {
  await driven.prepare(told.context([fault("a"), fault("b")]));
  await driven.inject([fault("a"), fault("b")]);
  stuck.add("a");
  await expect(driven.clear()).rejects.toMatchObject({ code: "ROLLBACK_FAILED", message: "it is stuck" });
  expect(policies()).toHaveLength(1);
  double.admits = (operation, kind) =>
    operation === "DELETE" && kind.plural === NETWORK_POLICY.plural ? "not today" : null;
  await expect(driven.close()).rejects.toThrow("not today");
  expect([policies().length, leases().length]).toEqual([1, 1]);
  double.admits = () => null;
});

test("once the faults are undone in another way, the end is no failure", async () => {
  await driven.prepare(told.context([fault("a")]));
  await driven.inject([fault("a")]);
  stuck.add("a");
  await driven.close();
  expect([policies(), leases()]).toEqual([[], []]);
});

test("a cluster that lacks the mesh is left as it is, with no connection to it", async () => {
  driven = meshDriver(async () => {
    throw new FaultlineError("KUBERNETES_MISSING", "no mesh");
  });
  await expect(driven.prepare(told.context([fault("a")]))).rejects.toThrow("no mesh");
  expect([leases(), told.journal, calls]).toEqual([[], [], []]);
  await driven.close();
  await expect.poll(() => double.openSockets).toBe(0);
});
