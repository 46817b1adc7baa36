import { expect, onTestFinished, test } from "vitest";
import { driver } from "../../../src/faults/toxiproxy/driver.js";
import { driverContext } from "../../helpers/driver-context.js";
import { strayingToxiproxy } from "../../helpers/straying-toxiproxy.js";

const cache = { name: "cache", listen: "127.0.0.1:0", upstream: "127.0.0.1:7000" };

function opened() {
  const toxiproxy = driver();
  onTestFinished(() => toxiproxy.close());
  return toxiproxy;
}

test("what services may be told of a proxy is its address, host and port", async () => {
  const toxiproxy = opened();
  const names = await toxiproxy.prepare(driverContext({ proxies: [cache] }));
  const listen = names.get("proxies.cache.listen") ?? "";
  expect(listen).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
  expect(names.get("proxies.cache.host")).toBe("127.0.0.1");
  expect(names.get("proxies.cache.port")).toBe(listen.split(":")[1]);
  expect(toxiproxy.listens).toEqual([listen]);
  expect(toxiproxy.server).toMatchObject({ kind: "embedded", url: null });
});

test("without proxies nothing passes through it that could be late with it", async () => {
  const toxiproxy = opened();
  await toxiproxy.prepare(driverContext());
  expect(toxiproxy.standstills?.(0, 1)).toBeNull();
});

test("one that was never opened has nothing to clear or to close", async () => {
  const toxiproxy = driver();
  await toxiproxy.clear();
  await toxiproxy.close();
});

test("what a Toxiproxy server answers is no way to another host", async () => {
  const prepare = async (listen: string) => {
    const toxiproxyUrl = await strayingToxiproxy(listen);
    return opened().prepare(
      driverContext({ toxiproxyUrl, proxies: [cache], allowedHosts: ["staging.test"] }),
    );
  };
  for (const listen of ["127.0.0.1:7001", "staging.test:7001"]) {
    expect((await prepare(listen)).get("proxies.cache.listen")).toBe(listen);
  }
  for (const listen of ["203.0.113.9:80", "evil.test:80", "127.0.0.1.evil.test:1"]) {
    await expect(prepare(listen), listen).rejects.toThrow(
      /^Toxiproxy says that the proxy "cache" listens on .* is not this machine$/,
    );
  }
});
