import { expect, test } from "vitest";
import { resolveProxies, usesRunFolder } from "../../../src/plan/placeholders.js";
import { checkText } from "../../helpers/scenario-files.js";

const withTls = (tls: string) => `faultline: 1
name: Mutual TLS
proxies:
  pay: { protocol: http, listen: "127.0.0.1:7001", upstream: "https://127.0.0.1:7000", tls: { ${tls} } }
load: { target: http://127.0.0.1:3000, rate: 100/s }
slos: [availability >= 99%]
faults:
  - { name: slow, proxy: pay, latency: 100ms }
`;

test("certificates in the run's folder are left to the run, and their paths filled when it is known", async () => {
  const { plan, diagnostics } = await checkText(
    withTls("ca: '${run.dir}/ca.pem', cert: '${run.dir}/tls/shop.pem', key: '${run.dir}/tls/shop.key'"),
  );
  expect(diagnostics).toEqual([]);
  if (!plan) throw new Error("no plan");
  expect(usesRunFolder(plan)).toBe(true);
  const [pay] = resolveProxies(plan.proxies, new Map([["run.dir", "/tmp/run"]]));
  expect(pay?.tls?.upstream).toEqual({
    ca: { file: "/tmp/run/ca.pem" },
    cert: { file: "/tmp/run/tls/shop.pem" },
    key: { file: "/tmp/run/tls/shop.key" },
    servername: null,
    verify: true,
  });
});

test.each([
  ["ca: '${run.dir}'", "4:99 this is no file in the folder of the run"],
  ["ca: 'x/${run.dir}/ca.pem'", "4:99 this is no file in the folder of the run"],
  ["ca: '${run.dir}/../ca.pem'", "4:99 this is no file in the folder of the run"],
  ["ca: '${run.dir}ca.pem'", "4:99 this is no file in the folder of the run"],
  ["cert: '${run.dir}/shop.pem'", "4:95 `cert` and `key` belong together"],
  ["servername: '${run.dir}'", "4:108 `${run.dir}` cannot stand here"],
  ["ca: '${proxies.pay.ca}'", "4:100 `${proxies.pay.ca}` cannot stand here"],
  ["ca: missing.pem", "4:99 cannot read missing.pem: it does not exist"],
])("%s is refused with its place", async (tls, problem) => {
  const { diagnostics } = await checkText(withTls(tls));
  expect(diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([problem]);
});

const withProxy = (proxy: string, fault = "tls: expired") => `faultline: 1
name: TLS without HTTP
proxies:
  cache: { ${proxy} }
load: { target: http://127.0.0.1:3000, rate: 100/s }
slos: [availability >= 99%]
faults:
  - { name: bad, proxy: cache, ${fault} }
`;

test("a proxy of bytes speaks TLS with tls:// in front of an address", async () => {
  const sides = async (proxy: string) => {
    const { plan, diagnostics } = await checkText(withProxy(proxy));
    expect(diagnostics).toEqual([]);
    const [cache] = plan?.proxies ?? [];
    return { tls: cache?.tls, listen: cache?.listen, upstream: cache?.upstream, protocol: cache?.protocol };
  };
  const asNode = { ca: null, cert: null, key: null, servername: null, verify: true };
  expect(await sides("listen: 127.0.0.1:7001, upstream: 'tls://127.0.0.1:7000'")).toEqual({
    listen: "127.0.0.1:7001",
    upstream: "127.0.0.1:7000",
    protocol: undefined,
    tls: { servesTls: true, upstream: asNode },
  });
  expect(
    (await sides("listen: 'tls://127.0.0.1:7001', upstream: 'tls://[::1]:7000', tls: { servername: a.test }"))
      .tls,
  ).toEqual({ servesTls: true, upstream: { ...asNode, servername: "a.test" } });
  expect((await sides("listen: 'tls://127.0.0.1:7001', upstream: '127.0.0.1:7000'")).tls).toEqual({
    servesTls: true,
    upstream: null,
  });
});

test.each([
  [
    "protocol: http, listen: 127.0.0.1:7001, upstream: 'tls://127.0.0.1:7000'",
    "with `protocol: http` TLS is https://",
    'upstream: "https://127.0.0.1:7000"',
  ],
  [
    "listen: 127.0.0.1:7001, upstream: 'https://127.0.0.1:7000'",
    "https:// needs `protocol: http` or `protocol: grpc`",
    "or tls://127.0.0.1:7000, if it is neither",
  ],
  [
    "listen: 127.0.0.1:7001, upstream: 'tls://127.0.0.1'",
    "expected host:port",
    "For example tls://127.0.0.1:6380.",
  ],
  [
    "listen: 127.0.0.1:7001, upstream: 'tls://127.0.0.1:7000/cache'",
    "expected host:port, without a path",
    "tls://127.0.0.1:7000",
  ],
  [
    "listen: 127.0.0.1:7001, upstream: 'redis://127.0.0.1:7000'",
    "expected host:port",
    "without the protocol",
  ],
  [
    "listen: 127.0.0.1:7001, upstream: '127.0.0.1:7000', tls: { verify: false }",
    "`tls` says how an upstream is spoken to over TLS, and this one speaks none",
    'upstream: "tls://127.0.0.1:7000"',
  ],
  [
    "listen: 127.0.0.1:7001, upstream: '127.0.0.1:7000'",
    "`tls` is a fault of TLS handshakes, and services connect to `cache` without TLS",
    'upstream: "tls://HOST:PORT"',
  ],
])("a proxy { %s } is refused with what to write", async (proxy, message, help) => {
  const { diagnostics } = await checkText(withProxy(proxy));
  const [first] = diagnostics.filter(({ severity }) => severity === "error");
  expect(first?.message).toBe(message);
  expect(`${first?.help}`).toContain(help);
  expect(first?.line).toBeGreaterThan(0);
});
