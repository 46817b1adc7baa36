import { join } from "node:path";
import { expect, test } from "vitest";
import { faultline, temporaryFolder } from "../../helpers/faultline.js";
import { needsServer, RETRIES, runShipped } from "../../helpers/shipped-scenario.js";

const SLOW = "token service slow";
const GONE = "token service refuses connections";
const BUSY = "token service answers 503";
const EXPIRED = "certificate expired";
const KEYS = "keys are asked for now and then, not with each order";
const RENEWED = "the shop never came with a token that had ended";

test("a shop that keeps keys and renews its token in time needs no token service for a while; one that asks for each order does", {
  retry: RETRIES,
  timeout: 200_000,
}, async (context) => {
  needsServer(context, "openssl", "openssl");
  const [careful, careless] = await Promise.all([
    runShipped("oauth-login"),
    runShipped("oauth-login", { vars: { client: "careless" } }),
  ]);
  const checks = ({ report }: typeof careful) =>
    report.checks?.map(({ name, verdict }) => `${name}: ${verdict}`);

  expect(
    careful.report.faults.map(({ name, verdict }) => `${name}: ${verdict}`),
    careful.output,
  ).toEqual([`${SLOW}: pass`, `${GONE}: pass`, `${BUSY}: pass`, `${EXPIRED}: pass`]);
  expect(checks(careful), careful.output).toEqual([`${KEYS}: pass`, `${RENEWED}: pass`]);
  for (const { name, injection } of careful.report.faults) expect(injection.proven, name).toBe(true);
  // After what time it gives up is not told on a machine where these times differ.
  expect(careful.findings(SLOW)).not.toContain("no timeout of its own");
  expect(careful.findings(EXPIRED)).toContain("met the expired certificate");

  for (const { name, verdict } of careless.report.faults) {
    expect(verdict, `${name}\n${careless.output}`).not.toBe("pass");
  }
  expect(checks(careless), careless.output).toContain(`${KEYS}: fail`);
  expect(careless.findings(SLOW)).toContain("no whole answer in time");
  expect(careless.findings(SLOW)).not.toContain("it gives up after");
  expect(careless.findings(BUSY)).toContain("the token service answered 503");
  // Logins need nothing of what fails.
  expect(careless.findings(BUSY)).not.toContain("falls back");
  expect(careless.findings(EXPIRED)).toContain('most often "status 503"');
});

test("a proxy without the shop's certificate is refused by the gate, and the run says so", async (context) => {
  needsServer(context, "openssl", "openssl");
  const { code, stderr } = await faultline([
    "run",
    "scenarios/oauth-login/scenario.yaml",
    "--no-history",
    "--out",
    join(await temporaryFolder(), "out"),
    "--set",
    "proxies.identity.tls={ ca: '${run.dir}/certificates/ca.pem' }",
    "--set",
    "services.shop.readyTimeout=3s",
  ]);
  expect(code, stderr).toBe(4);
  expect(stderr).toMatch(
    /scenario\.yaml:\d+:\d+: the upstream of proxy "identity", .* refuses this client .*, and a service did not start/,
  );
  expect(stderr).toContain("give one at the proxy: tls: { cert: FILE, key: FILE }");
});
