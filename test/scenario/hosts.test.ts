import { expect, test } from "vitest";
import { isAllowedHost, isLoopback, parseAddress } from "../../src/scenario/hosts.js";
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
  expect(await codes(withService)).toEqual(["host-not-allowed"]);
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
