import http from "node:http";
import { connect as connectTcp } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { findAccess } from "../../../src/kubernetes/access/find-access.js";
import { Cluster } from "../../../src/kubernetes/cluster.js";
import { forwardRights } from "../../../src/kubernetes/forward/forward-rights.js";
import { DEPLOYMENT, ENDPOINT_SLICE, POD, SERVICE } from "../../../src/kubernetes/objects.js";
import { rightInWords } from "../../../src/kubernetes/problem.js";
import { openForward, type ServiceWay, wayIn } from "../../../src/load/forward/open-forward.js";
import { type ApiDouble, startApiDouble } from "../../helpers/kubernetes/api-double.js";
import { isReady } from "../../helpers/kubernetes/controllers.js";
import { PortForwards } from "../../helpers/kubernetes/port-forwards.js";
import { deployment } from "../../helpers/kubernetes/workloads.js";

interface Shop {
  readonly double: ApiDouble;
  readonly forwards: PortForwards;
  readonly lost: string[];
  /** @param timeoutMs how long the load waits for an answer. */
  open(url?: string, openMs?: number, timeoutMs?: number): Promise<ServiceWay>;
}

async function shop(replicas = 2, tls = false): Promise<Shop> {
  const double = await startApiDouble({ tls, token: "secret", podMs: 20 });
  const forwards = new PortForwards(double);
  onTestFinished(async () => {
    await forwards.close();
    await double.close();
  });
  double.put(DEPLOYMENT, deployment("cart", replicas));
  forwards.service("cart");
  await expect.poll(() => double.store.list(POD, "shop").filter(isReady).length).toBe(replicas);
  const lost: string[] = [];
  return {
    double,
    forwards,
    lost,
    async open(url = "k8s://shop/cart", openMs, timeoutMs = 60_000) {
      const access = await findAccess({ context: null, env: double.env, cwd: "/", files: null });
      const cluster = new Cluster(access, { patienceMs: 300 });
      const target = { url, socketPath: null, tls: null, isInCluster: true } as const;
      const onLost = (reason: string) => void lost.push(reason);
      const limits = {
        shortestTimeoutMs: timeoutMs,
        pingMs: 100,
        ...(openMs === undefined ? {} : { openMs }),
      };
      const way = await wayIn(cluster, target, { onLost, ...limits });
      onTestFinished(() => way.close());
      return way;
    },
  };
}

interface Got {
  readonly status: number;
  readonly pod: string | undefined;
  readonly body: Buffer;
}

/** @returns the code of the error where there is no whole answer. */
function get(way: ServiceWay, agent: http.Agent | undefined = undefined, body = ""): Promise<Got | string> {
  return new Promise((resolve) => {
    const asked = http.request(
      way.target.url,
      { agent: agent ?? false, method: body === "" ? "GET" : "POST" },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
        answer.on("end", () =>
          resolve({
            status: answer.statusCode ?? 0,
            pod: String(answer.headers["x-pod"]),
            body: Buffer.concat(parts),
          }),
        );
      },
    );
    asked.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    asked.end(body);
  });
}

test("new connections go to the ready pods in turn, with their path, and the API server is asked as who asks", async () => {
  const { double, forwards, lost, open } = await shop(2, true);
  const paths = new Set<string | undefined>();
  forwards.answer = ({ url }, response) => {
    paths.add(url);
    response.end();
  };
  const way = await open("k8s://shop/cart:80/api/v1?a=b");
  expect(way.target.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/v1\?a=b$/);
  for (let nth = 0; nth < 4; nth++) expect(await get(way)).toMatchObject({ status: 200 });
  expect([...forwards.requests.values()]).toEqual([2, 2]);
  expect([...paths]).toEqual(["/api/v1?a=b"]);
  const asked = double.requests.filter(({ path }) => path.endsWith("/portforward"));
  expect(new Set(asked.map(({ query }) => query.ports))).toEqual(new Set(["8080"]));
  expect(asked.every(({ headers }) => headers.authorization === "Bearer secret")).toBe(true);
  expect(way.forward?.tally()).toEqual({ connections: 4, pods: 2 });
  expect(lost).toEqual([]);
});

test("large bodies go both ways unharmed, over a connection that is kept", async () => {
  const { forwards, open } = await shop(1);
  forwards.answer = (request, response) => void request.pipe(response);
  const way = await open();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  for (const size of [1, 125, 126, 65_535, 65_536, 5_000_000]) {
    const body = "0123456789abcdef".repeat(Math.ceil(size / 16)).slice(0, size);
    const got = await get(way, agent, body);
    expect(typeof got === "object" && got.body.toString() === body, `${size} bytes`).toBe(true);
  }
  expect(way.forward?.tally().connections).toBe(1);
});

test("a client that does not read holds its pod back, and not this process's memory", async () => {
  const { forwards, open } = await shop(1);
  let written = 0;
  forwards.answer = (_, response) => {
    const chunk = Buffer.alloc(64 * 1024);
    const more = () => {
      written += chunk.length;
      if (written > 400e6 || response.destroyed) return;
      if (response.write(chunk)) setImmediate(more);
      else response.once("drain", more);
    };
    more();
  };
  const way = await open();
  const { port } = new URL(way.target.url);
  const client = connectTcp(Number(port), "127.0.0.1");
  onTestFinished(() => void client.destroy());
  client.pause();
  client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  let before = -1;
  // What lies in sockets and their buffers is some megabytes.
  await expect
    .poll(
      () => {
        const isStill = written > 0 && written === before;
        before = written;
        return isStill;
      },
      { interval: 300, timeout: 10_000 },
    )
    .toBe(true);
  expect(written).toBeLessThan(100e6);
});

test("a pod that is killed ends its connections, and new ones go to the others: nothing of it is laid to the forward", async () => {
  const { double, forwards, lost, open } = await shop(2);
  forwards.answer = ({ url }, response) => {
    if (url !== "/hang") response.end();
  };
  const way = await open();
  const hanging = await open("k8s://shop/cart/hang");
  const pending = get(hanging);
  await expect.poll(() => forwards.requests.size).toBe(1);
  const [victim = ""] = forwards.requests.keys();
  double.controllers.endPod("shop", victim, 0);
  expect(await pending).toBe("ECONNRESET");
  for (let nth = 0; nth < 6; nth++) {
    const got = await get(way);
    expect(got).toMatchObject({ status: 200 });
    expect(typeof got === "object" && got.pod).not.toBe(victim);
  }
  expect(lost).toEqual([]);
});

test("a pod that is gone and still listed costs no request", async () => {
  const { double, forwards, lost, open } = await shop(2);
  const way = await open();
  await get(way);
  const [first] = double.store.list(ENDPOINT_SLICE, "shop");
  const [victim] = double.store.list(POD, "shop");
  // The list of a moment ago, for some moments more.
  const stale = {
    kind: "EndpointSliceList",
    apiVersion: "v1",
    metadata: { resourceVersion: "1" },
    items: [first],
  };
  double.instead = ({ path }) => (path.endsWith("/endpointslices") ? { status: 200, body: stale } : null);
  double.controllers.endPod("shop", victim?.metadata.name ?? "", 0);
  const got = [await get(way), await get(way), await get(way)];
  expect(got.map((each) => (typeof each === "object" ? each.status : each))).toEqual([200, 200, 200]);
  expect(forwards.forwarded).not.toContain(undefined);
  expect(lost).toEqual([]);
});

test("no ready pod: connections are refused, as by the service itself", async () => {
  const { double, lost, open } = await shop(1);
  const way = await open();
  double.put(DEPLOYMENT, deployment("cart", 0));
  await expect.poll(() => double.store.list(POD, "shop").length).toBe(0);
  await sleep(600);
  expect(await get(way)).toBe("ECONNRESET");
  expect(lost).toEqual([]);
});

test("what the runtime says of the pod's port is the service's own failure", async () => {
  const { forwards, lost, open } = await shop(1);
  const way = await open();
  for (const error of [
    'failed to execute portforward in network namespace "/var/run/netns/x": failed to connect to localhost:8080 inside namespace "y", IPv4: dial tcp4 127.0.0.1:8080: connect: connection refused IPv6 dial tcp6 [::1]:8080: connect: connection refused',
    "read tcp4 127.0.0.1:38268->127.0.0.1:8080: read: connection reset by peer",
    'socat command returns error: exit status 1, stderr: "socat[15663] E connect(5, AF=2 127.0.0.1:9443, 16): Connection refused"',
    "write tcp4 127.0.0.1:38268->127.0.0.1:8080: write: broken pipe",
  ]) {
    forwards.of = () => ({ error });
    expect(await get(way), error).toBe("ECONNRESET");
  }
  expect(lost).toEqual([]);
});

test("what fails on the way, with a pod that is there, is laid to the forward, by name", async () => {
  const { double, forwards, lost, open } = await shop(1);
  const way = await open();
  const told = async () => {
    const got = await get(way);
    expect(got).toBe("ECONNRESET");
    return lost.splice(0).join("\n");
  };
  forwards.of = () => ({ error: 'exec: "socat": executable file not found in $PATH' });
  expect(await told()).toMatch(
    /^the port-forward to service shop\/cart failed: .*"socat": executable file not found.*, while pod cart-.* was there$/,
  );
  forwards.of = () => ({ cutAfterBytes: 20 });
  expect(await told()).toMatch(/failed: the connection to the API server was cut, while pod cart-/);
  forwards.of = () => ({ closeCode: 1011 });
  expect(await told()).toMatch(/failed: it was closed with code 1011, while/);
  forwards.of = () => ({ saysPort: 9090 });
  expect(await told()).toMatch(/failed: it forwards port 9090, and not 8080, while/);
  for (const subprotocol of [null, "SPDY/3.1+portforward.k8s.io"]) {
    forwards.of = () => ({ subprotocol });
    expect(await told()).toMatch(/does not forward ports as v4\.channel\.k8s\.io: it chose/);
  }
  forwards.of = () => "serve";
  const answers = [
    [403, /the right is missing to get pods\/portforward in namespace shop|refused to get pods\/portforward/],
    [500, /failed \(500\)/],
    [503, /failed \(503\)/],
    [429, /takes no further requests/],
  ] as const;
  for (const [status, words] of answers) {
    double.instead = ({ path }) => (path.endsWith("/portforward") ? { status } : null);
    expect(await told(), String(status)).toMatch(words);
  }
  double.instead = ({ path }) => (path.endsWith("/portforward") ? "cut" : null);
  expect(await told()).toMatch(/closed before the answer was whole/);
  double.instead = () => null;
  expect(await get(way)).toMatchObject({ status: 200 });
});

test("an API server that is gone altogether is laid to the forward", async () => {
  const { double, forwards, lost, open } = await shop(1);
  forwards.answer = () => {};
  const way = await open();
  const pending = get(way);
  await expect.poll(() => forwards.requests.size).toBe(1);
  await double.close();
  forwards.cut();
  expect(await pending).toBe("ECONNRESET");
  expect(lost.join("\n")).toMatch(
    /the port-forward to service shop\/cart failed: the connection to the API server was cut; /,
  );
});

test("an API server that is cut off, and so ends no connection, is laid to the forward while requests wait", async () => {
  const { double, forwards, lost, open } = await shop(1);
  forwards.answer = () => {};
  const way = await open("k8s://shop/cart", 400);
  const pending = get(way);
  await expect.poll(() => forwards.requests.size).toBe(1);
  expect(lost).toEqual([]);
  double.instead = () => "hang";
  // Three looks and more. The connections stand all the same.
  await sleep(3_500);
  expect(lost).toEqual([]);
  forwards.answersPings = false;
  await expect
    .poll(() => lost.join("\n"), { timeout: 10_000 })
    .toMatch(/failed: cluster "test" \(.*\): no whole answer after 0\.4 s/);
  await way.close();
  await pending;
});

test("a broken connection of a pod that is being deleted is that pod's end", async () => {
  const { double, forwards, lost, open } = await shop(1);
  forwards.answer = () => {};
  const way = await open();
  const pending = get(way);
  await expect.poll(() => forwards.requests.size).toBe(1);
  const [pod] = double.store.list(POD, "shop");
  double.put(POD, { ...pod!, metadata: { ...pod!.metadata, deletionTimestamp: new Date().toISOString() } });
  forwards.cut();
  expect(await pending).toBe("ECONNRESET");
  expect(lost).toEqual([]);
});

test("closing ends connections and the listener, and tells of nothing", async () => {
  const { forwards, lost, open } = await shop(1);
  forwards.answer = () => {};
  const way = await open();
  const pending = get(way);
  await expect.poll(() => forwards.requests.size).toBe(1);
  await way.close();
  expect(await pending).toBe("ECONNRESET");
  await expect.poll(() => forwards.open).toBe(0);
  expect(await get(way)).toBe("ECONNREFUSED");
  expect(lost).toEqual([]);
});

test("the played kubelet keeps no half of a connection that the other side has closed", async () => {
  const { double, forwards } = await shop(1);
  const access = await findAccess({ context: null, env: double.env, cwd: "/", files: null });
  const cluster = new Cluster(access);
  onTestFinished(() => cluster.close());
  const [pod] = double.store.list(POD, "shop");
  const { socket } = await cluster.forward({
    namespace: "shop",
    name: pod?.metadata.name ?? "",
    port: 8080,
  });
  await expect.poll(() => forwards.open).toBe(1);
  socket.resume();
  // Without Close.
  socket.end();
  await expect.poll(() => forwards.open, { timeout: 5_000 }).toBe(0);
});

test("a client that goes away ends its forward", async () => {
  const { forwards, lost, open } = await shop(1);
  forwards.answer = () => {};
  const way = await open();
  const client = connectTcp(Number(new URL(way.target.url).port), "127.0.0.1");
  client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await expect.poll(() => forwards.requests.size).toBe(1);
  client.destroy();
  await expect.poll(() => forwards.open).toBe(0);
  expect(lost).toEqual([]);
});

test("a service keeps its clients with one pod where it says so", async () => {
  const { forwards, open } = await shop(3);
  forwards.service("cart", undefined, { sessionAffinity: "ClientIP" });
  const way = await open();
  for (let nth = 0; nth < 5; nth++) await get(way);
  expect([...forwards.requests.values()]).toEqual([5]);
});

test("ports by number and name; what is not clear is refused with what to write", async () => {
  const { double, forwards, open } = await shop(1);
  const ports = [
    { name: "http", port: 80, targetPort: 8080 },
    { name: "metrics", port: 9090, targetPort: 9090 },
    { name: "dns", port: 53, protocol: "UDP" },
  ];
  forwards.service("cart", ports);
  for (const port of ["80", "http"])
    expect(await get(await open(`k8s://shop/cart:${port}`))).toMatchObject({ status: 200 });
  await expect(open()).rejects.toThrow(
    /service shop\/cart in cluster "test" .* has several ports: 80 \(http\), 9090 \(metrics\)\. Say which one in load\.target, for example k8s:\/\/shop\/cart:80/,
  );
  await expect(open("k8s://shop/cart:https")).rejects.toThrow(
    /has no port https; it has 80 \(http\), 9090 \(metrics\)/,
  );
  await expect(open("k8s://shop/cart:53")).rejects.toThrow(/has no port 53/);
  await expect(open("k8s://shop/cart:metrics")).rejects.toThrow(/port 9090 of pod cart-.*connection refused/);
  await expect(open("k8s://shop/checkout")).rejects.toThrow(
    /there is no service shop\/checkout in cluster "test"/,
  );
  double.put(SERVICE, {
    metadata: { name: "out", namespace: "shop" },
    spec: { type: "ExternalName", externalName: "pay.example.com" },
  });
  await expect(open("k8s://shop/out")).rejects.toThrow(
    /another name for pay\.example\.com\. Write that as load\.target/,
  );
});

test("a service without a ready pod, or with others than pods behind it, is refused", async () => {
  const { double, forwards, open } = await shop(0);
  await expect(open()).rejects.toThrow(/no pod of service shop\/cart in cluster "test" .* is ready$/);
  forwards.service("bank", undefined, { selector: undefined });
  double.put(ENDPOINT_SLICE, {
    metadata: { name: "bank-1", namespace: "shop", labels: { "kubernetes.io/service-name": "bank" } },
    endpoints: [{ addresses: ["192.0.2.1"] }],
    ports: [{ name: "", port: 80 }],
  });
  await expect(open("k8s://shop/bank")).rejects.toThrow(/is ready; what stands behind it is no pod/);
  double.put(ENDPOINT_SLICE, {
    metadata: { name: "bank-1", namespace: "shop", labels: { "kubernetes.io/service-name": "bank" } },
    endpoints: [{ addresses: ["192.0.2.1"], conditions: { ready: false } }],
    ports: [{ name: "", port: 80 }],
  });
  await expect(open("k8s://shop/bank")).rejects.toThrow(/is ready$/);
});

test("it needs the rights that `faultline rbac` prints, each of them, and no others", async () => {
  const { double, open } = await shop(1);
  const rights = forwardRights("shop", "cart");
  const textOf = ({ verb, resource }: { verb: string; resource: string }) => `${verb} ${resource}`;
  double.may = (right) =>
    rights.some((each) => textOf(each) === textOf(right) && (each.name ?? right.name) === right.name);
  const way = await open();
  expect(await get(way)).toMatchObject({ status: 200 });
  double.instead = ({ path }) => (path.endsWith("/portforward") ? { status: 500 } : null);
  await get(way);
  expect([...double.exercised].sort()).toEqual(rights.map(textOf).sort());
  double.instead = () => null;
  for (const right of rights) {
    double.may = (asked) => textOf(asked) !== textOf(right);
    // Older servers do not ask for `create`. One that does says so when the forward is tried.
    const words = right.verb === "create" ? "the right is missing to" : "rights are missing:";
    await expect(open(), textOf(right)).rejects.toThrow(`${words} ${rightInWords(right)}`);
  }
});

test("where nobody may ask for rights, the refusal itself names the one that is missing", async () => {
  const { double, open } = await shop(1);
  double.instead = ({ path }) => {
    const message = 'User "tester" cannot create resource "selfsubjectaccessreviews" at the cluster scope';
    return path.endsWith("/selfsubjectaccessreviews")
      ? { status: 403, body: { kind: "Status", message } }
      : null;
  };
  for (const verb of ["get", "create"]) {
    double.may = (asked) => asked.resource !== "pods/portforward" || asked.verb !== verb;
    await expect(open()).rejects.toThrow(`the right is missing to ${verb} pods/portforward`);
  }
});

test("a cluster elsewhere has to be allowed by its host", async () => {
  const { double } = await shop(0);
  double.writeKubeconfig({}, { server: "https://192.0.2.1:6443" });
  const target = { url: "k8s://shop/cart", socketPath: null, tls: null, isInCluster: true } as const;
  const opening = openForward(target, {
    context: null,
    env: double.env,
    allowedHosts: [],
    shortestTimeoutMs: 1_000,
    onStatus: () => {},
    onLost: () => {},
  });
  await expect(opening).rejects.toThrow(
    /the API server of the context "test" is on 192\.0\.2\.1, .*--allow-host 192\.0\.2\.1/,
  );
});

test("inside the cluster the service itself is the target", async () => {
  const { double, forwards } = await shop(1);
  const access = await findAccess({ context: null, env: double.env, cwd: "/", files: null });
  const cluster = new Cluster({ ...access, context: null, files: null });
  const tls = { ca: null, cert: null, key: null, servername: null, verify: true };
  const target = { url: "k8s+https://shop/cart/api", socketPath: null, tls, isInCluster: true } as const;
  double.may = ({ resource }) => resource === "services";
  const way = await wayIn(cluster, target, { onLost: () => {}, shortestTimeoutMs: 1_000 });
  onTestFinished(() => way.close());
  expect(way).toMatchObject({
    target: { url: "https://cart.shop.svc:80/api", tls: { servername: "cart.shop.svc" } },
    forward: null,
  });
  expect(forwards.forwarded).toEqual([]);
});

test("an API server that hangs is given up in time, before the run and in it", async () => {
  const { double, forwards, lost, open } = await shop(1);
  const way = await open("k8s://shop/cart", 400);
  double.instead = ({ path }) => (path.endsWith("/portforward") ? "hang" : null);
  expect(await get(way)).toBe("ECONNRESET");
  expect(lost.join()).toMatch(/failed: cluster "test" \(.*\): no answer after 0\.4 s/);
  await expect(open("k8s://shop/cart", 400)).rejects.toThrow(/no answer after 0\.4 s/);
  double.instead = () => null;
  forwards.of = () => "silent";
  await expect(open("k8s://shop/cart", 400)).rejects.toThrow(
    /port 8080 of pod cart-.*: nothing was forwarded within 0\.4 s/,
  );
  double.instead = ({ path }) => (path.endsWith("/portforward") ? { status: 500, body: "oops" } : null);
  await expect(open()).rejects.toThrow(
    /failed \(500\) when it was to get pods\/portforward in namespace shop/,
  );
});

test("a connection that the way is slow to open is laid to it before the load gives up, though it opens in the end", async () => {
  const { double, lost, open } = await shop(1);
  const way = await open("k8s://shop/cart", 5_000, 1_000);
  expect(await get(way)).toMatchObject({ status: 200 });
  expect(lost).toEqual([]);
  const { upgrades } = double;
  double.upgrades = (asked) => void setTimeout(() => upgrades?.(asked), 1_300);
  const fromMs = performance.now();
  let toldMs = 0;
  const pending = get(way).then((got) => ({ got, afterMs: performance.now() - fromMs }));
  await expect.poll(() => lost.length, { interval: 10 }).toBeGreaterThan(0);
  toldMs = performance.now() - fromMs;
  const { got, afterMs } = await pending;
  expect(got).toMatchObject({ status: 200 });
  // Half of the time that the load gives it, and a tick.
  expect(toldMs).toBeGreaterThan(490);
  expect(toldMs).toBeLessThan(1_000);
  expect(afterMs).toBeGreaterThan(1_200);
  expect(lost[0]).toMatch(
    /^the port-forward to service shop\/cart failed: a connection took 0\.[5-9] s or more to open$/,
  );
  // Again for as long as it lasts: an `abort:` looks at each quarter of a second.
  expect(lost.length).toBeGreaterThan(2);
});

test("a connection on which nothing is sent is kept from what ends idle ones", async () => {
  const { forwards, lost, open } = await shop(1);
  forwards.idleMs = 800;
  const way = await open();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  expect(await get(way, agent)).toMatchObject({ status: 200 });
  await sleep(2_000);
  expect(await get(way, agent)).toMatchObject({ status: 200 });
  expect(way.forward?.tally().connections).toBe(1);
  expect(lost).toEqual([]);
});
