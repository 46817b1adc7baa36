/** A load that goes to a service in a cluster: `target: k8s://NAMESPACE/SERVICE`. */

import type { Cluster } from "../../kubernetes/cluster.js";
import { directRights, forwardRights, surelyNeededRights } from "../../kubernetes/forward/forward-rights.js";
import { chooseServicePort, type PortOfService, portInWords } from "../../kubernetes/forward/service-port.js";
import { type ClusterObject, SERVICE, textAt } from "../../kubernetes/objects.js";
import { openCluster } from "../../kubernetes/open-cluster.js";
import { refuseMissingRights } from "../../kubernetes/refuse-missing-rights.js";
import type { Right } from "../../kubernetes/rights.js";
import { type ClusterTarget, parseClusterTarget } from "../../notation/cluster-target.js";
import type { LoadTarget } from "../../plan/load-plan.js";
import { FaultlineError } from "../../support/errors.js";
import { StandstillLog } from "../../support/standstills.js";
import { Forwarder, type ForwardTally } from "./forwarder.js";
import { ServicePods } from "./service-pods.js";

/** A connection of the load waits for what is asked of the API server. */
const PATIENCE_MS = 2_000;
/** A connection that takes this part of a request's time to open leaves the service too little of it. */
const SLOW_PART = 0.5;

export interface OpenForwardOptions {
  /** A context of the kubeconfig. null: its current one, or the service account of the pod. */
  readonly context: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly allowedHosts: readonly string[];
  /** The shortest that the load waits for an answer. */
  readonly shortestTimeoutMs: number;
  readonly onStatus: (text: string) => void;
  /** The run is to end. */
  readonly stopping?: AbortSignal | undefined;
  /** The forward itself has failed, and not the service. It may be called any number of times. */
  readonly onLost: (reason: string) => void;
}

/** The way of the load to a service in a cluster. */
export interface ServiceWay {
  /** What the load goes to. */
  readonly target: LoadTarget;
  /** null: it goes to the service itself. */
  readonly forward: {
    /** The URL of the API server that it goes through. */
    readonly server: string;
    readonly standstills: StandstillLog;
    tally(): ForwardTally;
  } | null;
  close(): Promise<void>;
}

/** @throws ClusterProblem, FaultlineError HOST_NOT_ALLOWED, TARGET_UNREACHABLE */
export async function openForward(target: LoadTarget, options: OpenForwardOptions): Promise<ServiceWay> {
  const { context, env, allowedHosts, stopping, onStatus } = options;
  const cluster = await openCluster({ context }, { env, allowedHosts, stopping, patienceMs: PATIENCE_MS });
  try {
    onStatus(`looking at ${cluster.words}`);
    return await wayIn(cluster, target, options);
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

/** The way in this cluster, which is closed with it. */
export async function wayIn(
  cluster: Cluster,
  target: LoadTarget,
  {
    onLost,
    openMs,
    pingMs,
    shortestTimeoutMs,
  }: Pick<OpenForwardOptions, "onLost" | "shortestTimeoutMs"> & {
    readonly openMs?: number;
    readonly pingMs?: number;
  },
): Promise<ServiceWay> {
  const said = parseClusterTarget(target.url);
  // The checks refuse such a scenario, with its place.
  if (said === null) throw new Error(`${target.url} is no target in a cluster`);
  const { namespace, service: name } = said;
  // The service account of a pod: this is in the cluster, where services have names and addresses.
  const isInside = cluster.ref.files === null;
  await refuseMissingRights(
    cluster,
    isInside ? directRights(namespace, name) : surelyNeededRights(namespace, name),
  );
  const service = await cluster.get({ kind: SERVICE, namespace, name });
  const words = `${namespace}/${name} in ${cluster.words}`;
  const port = portOf(service, said, words);
  const host = `${name}.${namespace}.svc`;
  const servername = target.tls?.servername ?? host;
  const targetAt = (address: string) => {
    const url = `${said.speaks}://${address}${said.rest}`;
    return { url, socketPath: null, tls: target.tls && { ...target.tls, servername } };
  };
  if (isInside) {
    return { target: targetAt(`${host}:${port.port}`), forward: null, close: () => cluster.close() };
  }
  const isSticky = textAt(service, "spec", "sessionAffinity") === "ClientIP";
  const pods = new ServicePods(cluster, { namespace, service: name, port, isSticky, askMs: openMs });
  const lost = (why: string) => onLost(`the port-forward to service ${namespace}/${name} failed: ${why}`);
  const slowMs = SLOW_PART * shortestTimeoutMs;
  const limits = { openMs, pingMs, slowMs };
  const forwarder = await Forwarder.start({ cluster, namespace, pods, onLost: lost, ...limits });
  try {
    await forwarder.probe(words);
  } catch (error) {
    await forwarder.close();
    throw error;
  }
  const standstills = new StandstillLog();
  const unwatch = standstills.watchThisThread();
  return {
    target: targetAt(forwarder.listens),
    forward: { server: cluster.ref.server, standstills, tally: () => forwarder.tally },
    async close() {
      unwatch();
      await forwarder.close();
      await cluster.close();
    },
  };
}

/** What `faultline rbac` prints for such a target. @returns nothing for another one. */
export function rightsForTarget(url: string): readonly Right[] {
  const said = parseClusterTarget(url);
  return said === null ? [] : forwardRights(said.namespace, said.service);
}

function portOf(service: ClusterObject | null, target: ClusterTarget, words: string): PortOfService {
  if (service === null) throw unreachable(`there is no service ${words}`);
  if (textAt(service, "spec", "type") === "ExternalName") {
    const elsewhere = textAt(service, "spec", "externalName") ?? "its host";
    throw unreachable(
      `service ${words} has no pods: it is another name for ${elsewhere}. Write that as load.target`,
    );
  }
  const chosen = chooseServicePort(service, target.port);
  if (chosen.kind === "port") return chosen.port;
  if (chosen.kind === "none") throw unreachable(`service ${words} has no port of TCP`);
  const known = chosen.known.map(portInWords).join(", ");
  const [first] = chosen.known;
  const sample = `k8s://${target.namespace}/${target.service}:${first?.port ?? ""}`;
  throw unreachable(
    chosen.kind === "unknown"
      ? `service ${words} has no port ${target.port}; it has ${known}`
      : `service ${words} has several ports: ${known}. Say which one in load.target, for example ${sample}`,
  );
}

function unreachable(why: string): FaultlineError {
  return new FaultlineError("TARGET_UNREACHABLE", why);
}
