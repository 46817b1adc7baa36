import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import {
  isAllowedHost,
  isLoopback,
  isOwnAddress,
  isWildcard,
  parseAddress,
} from "../../src/support/hosts.js";
import { checkText, scenarioText } from "../helpers/scenario-files.js";

test("loopback in all its spellings, and nothing else", () => {
  for (const host of [
    "127.0.0.1",
    "127.8.9.1",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "shop.localhost",
    "::1",
    "0:0:0:0:0:0:0:1",
    "::ffff:127.0.0.1",
  ]) {
    expect(isLoopback(host), host).toBe(true);
  }
  for (const host of [
    "127.0.0.1.example.com",
    "localhost.example.com",
    "128.0.0.1",
    "0.0.0.0",
    "::",
    "10.0.0.1",
    "::ffff:10.0.0.1",
    "example.com",
    "",
    "127",
    "127.1",
  ]) {
    expect(isLoopback(host), host).toBe(false);
  }
});

test("allowed hosts: by name, or all below a domain", () => {
  expect(isAllowedHost("Staging.Example.com", ["staging.example.com"])).toBe(true);
  expect(isAllowedHost("a.example.com", ["*.example.com"])).toBe(true);
  expect(isAllowedHost("example.com", ["*.example.com"])).toBe(false);
  expect(isAllowedHost("badexample.com", ["*.example.com"])).toBe(false);
  expect(isAllowedHost("fe80::1", ["[fe80::1]"])).toBe(true);
});

test("addresses have a port, and brackets around IPv6", () => {
  expect(parseAddress("127.0.0.1:80")).toEqual({ host: "127.0.0.1", port: 80 });
  expect(parseAddress("[::1]:80")).toEqual({ host: "::1", port: 80 });
  for (const text of ["127.0.0.1", "::1:80", "a:b", "a:70000", "http://a:1", "a b:1", ":1"])
    expect(parseAddress(text), text).toBeNull();
});

const codes = async (text: string, options: Parameters<typeof checkText>[1] = {}) =>
  (await checkText(text, options)).diagnostics.map(({ code }) => code);

test("a URL cannot smuggle another host past the check", async () => {
  const target = (url: string) => scenarioText().replace("http://127.0.0.1:3000", `"${url}"`);
  expect(await codes(target("http://127.0.0.1:3000@example.com/"))).toContain("host-not-allowed");
  expect(await codes(target("http://127.0.0.1.example.com/"))).toEqual(["host-not-allowed"]);
  expect(await codes(target("http://[::ffff:10.0.0.1]/"))).toEqual(["host-not-allowed"]);
  expect(await codes(target("http://2130706433/"))).toEqual([]); // 127.0.0.1 as one number
  expect(await codes(target("http://10.1/"))).toEqual(["host-not-allowed"]);
  const withService = target("http://${services.a.port}.example.com/").concat("services: { a: { run: x } }");
  expect(await codes(withService)).toEqual(["template"]);
});

test("--allow-host and allowHosts open exactly the hosts that they name", async () => {
  const text = scenarioText().replace("http://127.0.0.1:3000", "http://shop.example.com");
  expect(await codes(text)).toEqual(["host-not-allowed"]);
  expect(await codes(text, { allowHosts: ["shop.example.com"] })).toEqual([]);
  expect(await codes(`${text}allowHosts: ["*.example.com"]\n`)).toEqual([]);
  expect(await codes(`${text}allowHosts: [other.example.com]\n`)).toEqual(["host-not-allowed"]);
  expect(await codes(`${text}allowHosts: ["http://shop.example.com"]\n`)).toEqual([
    "host-not-allowed",
    "wrong-value",
  ]);
});

test("a Toxiproxy server given on the command line is held to the same", async () => {
  await expect(checkText(scenarioText(), { toxiproxyUrl: "http://10.0.0.1:8474" })).rejects.toMatchObject({
    code: "HOST_NOT_ALLOWED",
  });
  await expect(checkText(scenarioText(), { toxiproxyUrl: "nonsense" })).rejects.toMatchObject({
    code: "USAGE",
  });
  const { plan } = await checkText(scenarioText(), {
    toxiproxyUrl: "http://10.0.0.1:8474",
    allowHosts: ["10.0.0.1"],
  });
  expect(plan?.toxiproxyUrl).toBe("http://10.0.0.1:8474");
});

test("this machine's own addresses need no permission, every interface at once does", () => {
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  for (const { address } of own.filter(({ scopeid }) => !scopeid)) {
    expect(isOwnAddress(address), address).toBe(true);
    expect(isAllowedHost(address.toUpperCase(), []), address).toBe(true);
  }
  for (const host of ["0.0.0.0", "::", "0:0:0:0:0:0:0:0", "::ffff:0.0.0.0"]) {
    expect(isWildcard(host), host).toBe(true);
    expect(isAllowedHost(host, []), host).toBe(false);
  }
  for (const host of ["203.0.113.7", "2001:db8::7", "localhost", ""]) expect(isOwnAddress(host)).toBe(false);
});

test("a proxy that listens on every interface has to be allowed", async () => {
  for (const listen of ["0.0.0.0:7001", "[::]:7001"]) {
    const text = scenarioText().replace("127.0.0.1:7001", listen);
    const host = parseAddress(listen)?.host ?? "";
    expect(await codes(text)).toEqual(["host-not-allowed"]);
    expect(await codes(text, { allowHosts: [host] })).toEqual([]);
    expect(await codes(`${text}allowHosts: ["${host}"]`)).toEqual([]);
  }
});

test("a placeholder is a whole host, a whole port or both, never a part of one", async () => {
  const complaints = async (target: string) => {
    const text = scenarioText("services: { a: { run: x } }").replace("http://127.0.0.1:3000", `"${target}"`);
    return (await checkText(text)).diagnostics.map(({ code, message }) => `${code} ${message}`);
  };
  const port = "${proxies.cache.port}";
  const service = "${services.a.port}";
  for (const right of [
    `http://127.0.0.1:${port}`,
    `http://127.0.0.1:${service}/shop-${port}/x`,
    "http://${proxies.cache.listen}/x",
    "http://${proxies.cache.host}:9/x",
    `http://\${proxies.cache.host}:${service}?x`,
  ]) {
    expect(await complaints(right), right).not.toContainEqual(expect.stringMatching(/^template|^host/));
  }
  for (const wrong of [
    `http://2${port}30706433/`,
    `http://127.0.0.1:1${port}`,
    `http://127.0.0.1:${port}1`,
    `http://127.0.0.1:${port}${service}`,
    `http://${service}.example.com`,
    `http://1.${service}:80`,
    "http://x${proxies.cache.host}:80",
    "http://${proxies.cache.listen}.example.com",
    `http://\${proxies.cache.listen}${port}`,
  ]) {
    expect(await complaints(wrong), wrong).toEqual([
      expect.stringMatching(/^template .* would be part of a host's name here/),
    ]);
  }
});
