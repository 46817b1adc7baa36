import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import { main } from "../../src/cli/main.js";
import { temporaryFolder } from "../helpers/faultline.js";
import { hasProgram } from "../helpers/has-program.js";
import { testIo } from "../helpers/test-io.js";
import { runProgram } from "../helpers/validators.js";

type Proxies = Readonly<Record<string, object>>;

const PROXIES: Proxies = {
  cache: { upstream: "redis.shop.svc:6379" },
  shop: { upstream: "web.shop.svc:443" },
  orders: { listen: "127.0.0.1:15432", upstream: "db.shop.svc:5432" },
};

function scenarioText(proxies: Proxies): string {
  const [proxy] = Object.keys(proxies);
  const scenario = {
    faultline: 1,
    name: "Cart",
    proxies,
    load: { target: "http://127.0.0.1:3000", rate: "10/s" },
    slos: ["availability >= 99%"],
    faults: proxy === undefined ? [] : [{ name: "gone", proxy, down: true }],
  };
  // JSON is YAML.
  return JSON.stringify(scenario);
}

async function emit(args: readonly string[] = [], proxies = PROXIES) {
  const io = testIo({ cwd: await temporaryFolder() });
  await writeFile(join(io.cwd, "cart.yaml"), scenarioText(proxies));
  const allowed = ["--allow-host", "*.shop.svc"];
  const image = args.includes("toxiproxy") || args.includes("--image") ? [] : ["--image", "faultline:1"];
  const all = ["emit", "kubernetes-toxiproxy", "cart.yaml", ...allowed, ...image, ...args];
  const exitCode = await main(all, io);
  return { exitCode, out: io.out(), err: io.err() };
}

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly securityContext: unknown;
  readonly resources: unknown;
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: { readonly "proxies.json": string };
  readonly spec: {
    readonly ports?: readonly { readonly port: number; readonly targetPort: number | string }[];
    readonly ingress?: readonly unknown[];
    readonly template?: {
      readonly spec: {
        readonly containers?: readonly Container[];
        readonly initContainers?: readonly Container[];
      };
    };
  };
}

function manifests(text: string): readonly Manifest[] {
  return parseAllDocuments(text).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest; // what this test reads of it
  });
}

test("a server of its own, with a port for each proxy", async () => {
  const { exitCode, out } = await emit(["--namespace", "shop", "--image", "r.example.com/faultline:1"]);
  expect(exitCode).toBe(0);
  const [config, service, deployment, policy] = manifests(out);
  expect(manifests(out).map(({ kind }) => kind)).toEqual([
    "ConfigMap",
    "Service",
    "Deployment",
    "NetworkPolicy",
  ]);
  expect(manifests(out).every(({ metadata }) => metadata.namespace === "shop")).toBe(true);
  expect(JSON.parse(config?.data?.["proxies.json"] ?? "")).toEqual([
    { name: "cache", listen: "0.0.0.0:6379", upstream: "redis.shop.svc:6379", enabled: true },
    // It is not root.
    { name: "shop", listen: "0.0.0.0:10443", upstream: "web.shop.svc:443", enabled: true },
    { name: "orders", listen: "0.0.0.0:15432", upstream: "db.shop.svc:5432", enabled: true },
  ]);
  expect(service?.spec.ports?.map(({ port, targetPort }) => [port, targetPort])).toEqual([
    [8474, "toxiproxy-api"],
    [6379, 6379],
    [10443, 10443],
    [15432, 15432],
  ]);
  const [container] = deployment?.spec.template?.spec.containers ?? [];
  expect(container).toMatchObject({
    image: "r.example.com/faultline:1",
    args: [
      "proxy",
      "--host",
      "0.0.0.0",
      "--port",
      "8474",
      "--config",
      "/etc/toxiproxy/proxies.json",
      "--metrics",
      "--require-token",
      "--allow-host",
      "faultline-toxiproxy.shop.svc",
      "--allow-host",
      "faultline-toxiproxy.shop.svc.cluster.local",
    ],
    env: [{ name: "TOXIPROXY_AUTH_TOKEN", valueFrom: { secretKeyRef: { name: "faultline-toxiproxy" } } }],
    securityContext: {
      runAsNonRoot: true,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    },
    resources: { limits: { memory: "256Mi" } },
  });
  expect(policy?.spec.ingress).toEqual([
    { from: [{ podSelector: {} }], ports: [{ port: 6379 }, { port: 10443 }, { port: 15432 }] },
    {
      from: [{ podSelector: { matchLabels: { "faultline/drives-toxiproxy": "true" } } }],
      ports: [{ port: 8474 }],
    },
  ]);
  expect(out).toContain("#   redis.shop.svc:6379 → faultline-toxiproxy.shop.svc:6379\n");
  expect(out).toContain(
    "faultline run cart.yaml --toxiproxy http://faultline-toxiproxy.shop.svc:8474 --allow-host faultline-toxiproxy.shop.svc --allow-host '*.shop.svc'\n",
  );
  expect(out).toContain("kubectl -n shop port-forward service/faultline-toxiproxy 8474 6379 10443 15432 &");
});

test("Toxiproxy itself, and a word on who may use its API", async () => {
  const { out } = await emit(["--server", "toxiproxy"]);
  const [container] = manifests(out)[2]?.spec.template?.spec.containers ?? [];
  expect(container).toMatchObject({
    image: "ghcr.io/shopify/toxiproxy:2.12.0",
    args: ["-host=0.0.0.0", "-port=8474", "-config=/etc/toxiproxy/proxies.json", "-proxy-metrics"],
  });
  expect(out).toContain("its API has no authentication");
  expect((await emit()).out).not.toContain("no authentication");
});

test("a sidecar listens in its pod alone, and begins before the others", async () => {
  const proxies = { cache: { upstream: "127.0.0.1:6379", listen: "127.0.0.1:6380" } };
  const { exitCode, out } = await emit(["--form", "sidecar", "--into", "cart"], proxies);
  expect(exitCode).toBe(0);
  const [config, deployment, ...others] = manifests(out);
  expect(others).toEqual([]);
  expect(JSON.parse(config?.data?.["proxies.json"] ?? "")).toEqual([
    { name: "cache", listen: "127.0.0.1:6380", upstream: "127.0.0.1:6379", enabled: true },
  ]);
  expect(deployment?.metadata.name).toBe("cart");
  expect(deployment?.spec.template?.spec.containers).toBeUndefined();
  expect(deployment?.spec.template?.spec.initContainers).toMatchObject([
    { restartPolicy: "Always", args: expect.arrayContaining(["--host", "127.0.0.1"]) },
  ]);
  expect(out).toContain("kubectl port-forward deployment/cart 8474 6380 &");
  expect(out).toContain("`kubectl set env` needs -c CONTAINER");
  // Not the last change of whoever made it.
  expect(out).not.toContain("rollout undo");
  expect(out).toContain("#     kubectl apply --server-side --field-manager=faultline-toxiproxy -f -\n");
  expect(out).toContain("#   kubectl delete configmap,secret faultline-toxiproxy\n");
});

test("a sidecar takes no port that the pod itself may listen on", async () => {
  const proxies = {
    cache: { upstream: "127.0.0.1:6379" },
    payments: { upstream: "payments.shop.svc:8080" },
    shop: { upstream: "web.shop.svc:443" },
  };
  const { out } = await emit(["--form", "sidecar", "--into", "cart"], proxies);
  const [config] = manifests(out);
  expect(JSON.parse(config?.data?.["proxies.json"] ?? "")).toMatchObject([
    { listen: "127.0.0.1:16379", upstream: "127.0.0.1:6379" },
    { listen: "127.0.0.1:18080", upstream: "payments.shop.svc:8080" },
    { listen: "127.0.0.1:10443", upstream: "web.shop.svc:443" },
  ]);
  expect(out).toContain("None of these ports may be one that a container of the pod listens on");
});

test("the command of the run has the changes and variables that the proxies were printed with, for a shell", async () => {
  const changes = ["--set", "proxies.shop.upstream=web-2.shop.svc:443", "--var", "CACHE=redis-2.shop.svc"];
  const proxies = { cache: { upstream: "${CACHE}:6379" }, shop: { upstream: "web.shop.svc:443" } };
  const { out } = await emit(["--namespace", "shop", ...changes], proxies);
  expect(out).toContain('"upstream":"web-2.shop.svc:443"');
  expect(out).toContain('"upstream":"redis-2.shop.svc:6379"');
  expect(out).toContain(
    "faultline run cart.yaml --toxiproxy http://127.0.0.1:8474 --set 'proxies.shop.upstream=web-2.shop.svc:443' --var 'CACHE=redis-2.shop.svc' --allow-host '*.shop.svc'\n",
  );
});

/** What cannot stand in a cluster, and a part of what is said. */
const REFUSED: readonly (readonly [string, readonly string[], Proxies, string])[] = [
  ["no proxies", [], {}, "the scenario has no `proxies`"],
  ["requests", [], { web: { upstream: "web.shop.svc:80", protocol: "http" } }, "`protocol: http`"],
  [
    "TLS",
    [],
    { web: { upstream: "tls://web.shop.svc:443" } },
    "has TLS, which a run makes on its own machine",
  ],
  ["its own pod", [], { web: { upstream: "127.0.0.1:80" } }, "in a pod is the pod itself"],
  [
    "root's ports",
    [],
    { web: { listen: "127.0.0.1:80", upstream: "web.shop.svc:80" } },
    "cannot listen on 80",
  ],
  [
    "one port twice",
    [],
    { a: { upstream: "a.shop.svc:6379" }, b: { upstream: "b.shop.svc:6379" } },
    'proxy "b" and proxy "a" would both listen on 6379',
  ],
  [
    "the API's port",
    [],
    { a: { upstream: "a.shop.svc:8474" } },
    "the API of Toxiproxy would both listen on 8474",
  ],
  [
    "itself",
    ["--form", "sidecar", "--into", "cart"],
    { db: { listen: "127.0.0.1:5432", upstream: "127.0.0.1:5432" } },
    'proxy "db" would lead to itself: give it a `listen` with another port than 5432',
  ],
  [
    "no port above",
    ["--form", "sidecar", "--into", "cart"],
    { db: { upstream: "db.shop.svc:60000" } },
    "10,000 above port 60000 is no port",
  ],
  ["no Deployment", ["--form", "sidecar"], PROXIES, "--form sidecar needs --into DEPLOYMENT"],
  ["a name that is none", ["--name", "Tox: 1"], PROXIES, "--name: expected lower-case letters"],
];

test.each(REFUSED)("%s: refused with what to do, and nothing is printed", async (_, args, proxies, said) => {
  const { exitCode, out, err } = await emit(args, proxies);
  expect(exitCode).toBe(2);
  expect(out).toBe("");
  expect(err).toContain(said);
});

test("faultline's server without an image is refused: nobody else has one", async () => {
  const io = testIo({ cwd: await temporaryFolder() });
  await writeFile(join(io.cwd, "cart.yaml"), scenarioText(PROXIES));
  const allowed = ["--allow-host", "*.shop.svc"];
  expect(await main(["emit", "kubernetes-toxiproxy", "cart.yaml", ...allowed], io)).toBe(2);
  expect(io.out()).toBe("");
  expect(io.err()).toContain("name your own with --image");
});

test.skipIf(!hasProgram("kubernetes-validate"))("the published schemas accept it", async () => {
  const folder = await temporaryFolder();
  const files: string[] = [];
  const file = async (name: string, text: string) => {
    files.push(join(folder, name));
    await writeFile(join(folder, name), text);
  };
  await file("deployment.yaml", (await emit(["--namespace", "shop"])).out);
  await file("toxiproxy.yaml", (await emit(["--server", "toxiproxy"])).out);
  for (const server of ["faultline", "toxiproxy"]) {
    const { out } = await emit(["--form", "sidecar", "--into", "cart", "--server", server]);
    const [config, laid] = manifests(out);
    await file(`config-${server}.yaml`, stringify(config));
    await file(`sidecar-${server}.yaml`, stringify(laidOver(laid)));
  }
  const { code, text } = runProgram("kubernetes-validate", ["--strict", ...files]);
  expect(code, text).toBe(0);
});

/** A small Deployment with what a server-side apply lays over it. */
function laidOver(manifest: Manifest | undefined) {
  const labels = { app: "cart" };
  const containers = [{ name: "cart", image: "cart:1" }];
  const { template } = manifest?.spec ?? {};
  return {
    ...manifest,
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { ...template?.spec, containers } },
    },
  };
}
