import type http from "node:http";
import type https from "node:https";
import {
  type ClusterObject,
  ENDPOINT_SLICE,
  fieldAt,
  isObject,
  listAt,
  POD,
  SERVICE,
  textAt,
} from "../../../src/kubernetes/objects.js";
import type { ApiDouble } from "./api-double.js";
import { isReady } from "./controllers.js";
import { PodForwarding, PodServer } from "./pod-forwarding.js";

/**
 * Keeps the EndpointSlices of services, has a real server of HTTP for each ready pod, and forwards to them as a kubelet does
 * (`v4.channel.k8s.io`).
 */
export class PortForwards extends PodForwarding {
  /** What a pod answers. */
  answer: http.RequestListener = (_, response) => void response.end();
  /** Requests that each pod got. */
  readonly requests = new Map<string, number>();
  /** Pods speak TLS with this. null: they speak HTTP. */
  tls: https.ServerOptions | null = null;
  readonly #double: ApiDouble;
  readonly #pods = new Map<string, PodServer>();

  constructor(double: ApiDouble) {
    super();
    this.#double = double;
    double.upgrades = ({ pod: { metadata }, seen, socket }) => {
      const port = Number(seen.query.ports);
      const asked = { pod: metadata.name, port, socket, headers: seen.headers };
      void this.forward(asked, this.#pods.get(metadata.name));
    };
    double.store.onEvent(({ kind }) => {
      if (kind === POD || kind === SERVICE) setImmediate(() => this.#keep());
    });
  }

  /** Puts a service there that leads to the pods with the label app. */
  service(
    name: string,
    ports: readonly object[] = [{ port: 80, targetPort: 8080 }],
    spec: object = {},
  ): void {
    this.#double.put(SERVICE, {
      metadata: { name, namespace: "shop" },
      spec: { selector: { app: name }, ports, ...spec },
    });
  }

  async close(): Promise<void> {
    this.cut();
    await Promise.all([...this.#pods.values()].map((pod) => pod.close()));
  }

  /** As the controller of EndpointSlices, and the nodes. */
  #keep(): void {
    const pods = this.#double.store.list(POD, null);
    const names = new Set(pods.map(({ metadata }) => metadata.name));
    for (const [name, server] of this.#pods) {
      if (names.has(name)) continue;
      this.#pods.delete(name);
      void server.close();
    }
    for (const pod of pods) {
      const { name } = pod.metadata;
      if (isReady(pod) && !this.#pods.has(name))
        this.#pods.set(name, new PodServer((...of) => this.#answer(name, ...of), this.tls));
    }
    for (const service of this.#double.store.list(SERVICE, null)) this.#slice(service, pods);
  }

  #answer(pod: string, request: http.IncomingMessage, response: http.ServerResponse): void {
    this.requests.set(pod, (this.requests.get(pod) ?? 0) + 1);
    response.setHeader("x-pod", pod);
    this.answer(request, response);
  }

  #slice(service: ClusterObject, pods: readonly ClusterObject[]): void {
    const { name, namespace = "" } = service.metadata;
    const selector = fieldAt(service, ["spec", "selector"]);
    if (!isObject(selector)) return;
    const endpoints = pods
      .filter(({ metadata }) =>
        Object.entries(selector).every(([key, value]) => metadata.labels?.[key] === value),
      )
      .map((pod) => ({
        addresses: [textAt(pod, "status", "podIP") ?? ""],
        conditions: { ready: isReady(pod) && pod.metadata.deletionTimestamp === undefined },
        targetRef: { kind: "Pod", name: pod.metadata.name, namespace, uid: pod.metadata.uid ?? "" },
      }));
    const ports = listAt(service, "spec", "ports").map((port) => ({
      name: textAt(port, "name") ?? "",
      port: fieldAt(port, ["targetPort"]) ?? fieldAt(port, ["port"]),
      protocol: "TCP",
    }));
    const labels = { "kubernetes.io/service-name": name };
    this.#double.store.put(ENDPOINT_SLICE, {
      metadata: { name: `${name}-slice`, namespace, labels },
      addressType: "IPv4",
      endpoints,
      ports,
    });
  }
}
