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
