/**
 * Port-forwards through a real kube-apiserver, by hand: scripts/real-kube-apiserver.sh. It has no nodes, so the kubelet is played
 * here: the server asks who may do it, finds the node and goes there, and the bytes go through it.
 */

import { randomBytes } from "node:crypto";
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { afterAll, beforeAll, expect, onTestFinished } from "vitest";
import { makeAuthority, makeServerCertificate } from "../../src/faults/tls/certificates/certificate.js";
import type { Cluster } from "../../src/kubernetes/cluster.js";
import { forwardRights } from "../../src/kubernetes/forward/forward-rights.js";
import {
  type ClusterObject,
  ENDPOINT_SLICE,
  NAMESPACE,
  NODE,
  POD,
  placeOf,
  SERVICE,
} from "../../src/kubernetes/objects.js";
import { type ServiceWay, wayIn } from "../../src/load/forward/open-forward.js";
import { PodForwarding, PodServer } from "../helpers/kubernetes/pod-forwarding.js";
import { admin, clusterFor, grant, real, tester } from "../helpers/kubernetes/real-cluster.js";

const id = randomBytes(3).toString("hex");
const [namespace, node] = [`forward-${id}`, `worker-${id}`];
const SHORT = { patienceMs: 300 };
const forwarding = new PodForwarding();
const server = new PodServer((request, response) => void request.pipe(response), null);
let cluster: Cluster;
let kubelet: https.Server;
const asked: string[] = [];

beforeAll(async () => {
  if (admin === undefined) return;
  const now = Date.now();
  const validity = { notBefore: new Date(now - 3.6e6), notAfter: new Date(now + 8.64e7) };
  const authority = await makeAuthority("kubelet", validity);
  kubelet = https.createServer(await makeServerCertificate(authority, ["127.0.0.1"], validity));
  kubelet.on("upgrade", ({ url = "", headers }: IncomingMessage, socket: Duplex) => {
    asked.push(url);
    const { pathname, searchParams } = new URL(url, "http://x");
    const pod = pathname.split("/").at(-1) ?? "";
    socket.on("error", () => {});
    void forwarding.forward({ pod, port: Number(searchParams.get("port")), socket, headers }, server);
  });
  await new Promise<void>((resolve) => kubelet.listen(0, "127.0.0.1", resolve));
  const { port } = kubelet.address() as AddressInfo;
  cluster = await clusterFor(admin, SHORT);
  await cluster.create(NAMESPACE, { metadata: { name: namespace } });
  const made = await cluster.create(NODE, { metadata: { name: node } });
  const status = {
    addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
  };
  await cluster.patch(placeOf(NODE, made), { status }, { subresource: "status" });
  const ports = [{ name: "http", port: 80, targetPort: 8080 }];
  await cluster.create(SERVICE, {
    metadata: { name: "cart", namespace },
    spec: { selector: { app: "cart" }, ports },
  });
  const pods = [await pod("cart-1"), await pod("cart-2")];
  await cluster.create(ENDPOINT_SLICE, {
    metadata: { name: "cart-1", namespace, labels: { "kubernetes.io/service-name": "cart" } },
    addressType: "IPv4",
    endpoints: pods.map(({ metadata: { name, uid = "" } }, index) => ({
      addresses: [`10.0.0.${index + 1}`],
      conditions: { ready: true },
      targetRef: { kind: "Pod", namespace, name, uid },
    })),
    ports: [{ name: "http", port: 8080, protocol: "TCP" }],
  });
});
afterAll(async () => {
  if (admin === undefined) return;
  forwarding.cut();
  kubelet.closeAllConnections();
  kubelet.close();
  await server.close();
  await cluster.delete({ kind: NAMESPACE, namespace: null, name: namespace });
  await cluster.delete({ kind: NODE, namespace: null, name: node });
  cluster.close();
});

async function pod(name: string): Promise<ClusterObject> {
  const made = await cluster.create(POD, {
    metadata: { name, namespace, labels: { app: "cart" } },
    spec: { nodeName: node, containers: [{ name: "cart", image: "cart:1" }] },
  });
  const status = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
  return cluster.patch(placeOf(POD, made), { status }, { subresource: "status" });
}

const lost: string[] = [];
async function open(pingMs?: number): Promise<ServiceWay> {
  const target = { url: `k8s://${namespace}/cart`, socketPath: null, tls: null, isInCluster: true } as const;
  const way = await wayIn(await clusterFor(tester, SHORT), target, {
    onLost: (why) => void lost.push(why),
    shortestTimeoutMs: 10_000,
    ...(pingMs === undefined ? {} : { pingMs }),
  });
  onTestFinished(() => way.close());
  return way;
}

function post(way: ServiceWay, body: string, agent: http.Agent | false = false): Promise<string> {
  return new Promise((resolve) => {
    const request = http.request(way.target.url, { method: "POST", agent }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part: string) => {
        text += part;
      });
      answer.on("end", () => resolve(text));
      answer.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    });
    request.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    request.end(body);
  });
}

real("bytes go through it both ways, with exactly the rights that rbac prints", async () => {
  await grant(cluster, forwardRights(namespace, "cart"));
  const way = await open();
  const large = "0123456789abcdef".repeat(125_000);
  for (const body of ["one", "two", large]) expect((await post(way, body)) === body).toBe(true);
  expect(new Set(forwarding.forwarded)).toEqual(new Set(["cart-1", "cart-2"]));
  expect(asked.at(-1)).toMatch(new RegExp(`^/portForward/${namespace}/cart-\\d\\?port=8080$`));
  expect(lost).toEqual([]);
});

real("pings go through it, so that what ends idle connections leaves them", async () => {
  await grant(cluster, forwardRights(namespace, "cart"));
  const way = await open(100);
  forwarding.idleMs = 400;
  onTestFinished(() => {
    forwarding.idleMs = null;
  });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  expect(await post(way, "one", agent)).toBe("one");
  const before = forwarding.forwarded.length;
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await post(way, "two", agent)).toBe("two");
  expect(forwarding.forwarded).toHaveLength(before);
  expect(lost).toEqual([]);
});

real("without `create` beside `get` the first forward is refused, and says why", async () => {
  await grant(
    cluster,
    forwardRights(namespace, "cart").filter(({ verb }) => verb !== "create"),
  );
  const before = forwarding.forwarded.length;
  await expect(open()).rejects.toThrow(
    `the right is missing to create pods/portforward in namespace ${namespace}: pods "cart-1" is forbidden:`,
  );
  expect(forwarding.forwarded).toHaveLength(before);
});

real(
  "errors of the runtime come through, a pod that is gone is passed over, and a kubelet that is gone is no fault of the service",
  async () => {
    await grant(cluster, forwardRights(namespace, "cart"));
    const way = await open();
    forwarding.of = () => ({
      error: "failed to connect to localhost:8080: dial tcp4 127.0.0.1:8080: connect: connection refused",
    });
    expect(await post(way, "x")).toBe("ECONNRESET");
    expect(lost).toEqual([]);
    forwarding.of = () => ({ cutAfterBytes: 10 });
    expect(await post(way, "x")).toBe("ECONNRESET");
    expect(lost.splice(0).join()).toMatch(
      /failed: the connection to the API server was cut, while pod cart-\d was there/,
    );
    forwarding.of = () => ({ subprotocol: null });
    expect(await post(way, "x")).toBe("ECONNRESET");
    expect(lost.splice(0).join()).toMatch(
      /does not forward ports as v4\.channel\.k8s\.io: it chose no subprotocol/,
    );
    forwarding.of = () => "serve";
    await cluster.delete({ kind: POD, namespace, name: "cart-2" }, { graceS: 0 });
    for (let nth = 0; nth < 4; nth++) expect(await post(way, "x")).toBe("x");
    expect(lost).toEqual([]);
    // `closeAllConnections` leaves those that were upgraded, and `close` waits for them.
    forwarding.cut();
    kubelet.closeAllConnections();
    await new Promise((resolve) => kubelet.close(resolve));
    expect(await post(way, "x")).toBe("ECONNRESET");
    expect(lost.splice(0).join()).toMatch(/failed \(50\d\) when it was to get pods\/portforward .*dial/);
  },
);
