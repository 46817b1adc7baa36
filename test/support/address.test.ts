import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseHostPort } from "../../src/faults/toxiproxy/client/toxiproxy-address.js";
import { addressOf, formatAddress, isHttpUrl, splitAddress } from "../../src/support/address.js";
import { parseAddress } from "../../src/support/hosts.js";

const port = fc.integer({ min: 0, max: 65_535 });
const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z][a-z0-9]{0,8}){0,2}$/);
const host = fc.oneof(fc.ipV4(), fc.ipV6(), name);

test("every address reads back as it was written, by scenarios and by Toxiproxy alike", () => {
  fc.assert(
    fc.property(host, port, (aHost, aPort) => {
      const text = formatAddress({ host: aHost, port: aPort });
      expect(parseAddress(text)).toEqual({ host: aHost, port: aPort });
      expect(parseHostPort(text)).toEqual({ host: aHost, port: aPort });
    }),
  );
});

test("an address in a URL is the same address", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.ipV4(), name),
      port,
      fc.constantFrom("http", "https", "tcp"),
      (aHost, aPort, protocol) => {
        const url = new URL(`${protocol}://${formatAddress({ host: aHost, port: aPort })}/health`);
        // The URL parser may write a name that looks like a number as an IP address; the port is what it was.
        expect(addressOf(url)).toEqual({ host: url.hostname, port: aPort });
      },
    ),
  );
  expect(addressOf(new URL("http://[::1]:8080/"))).toEqual({ host: "::1", port: 8080 });
  expect(addressOf(new URL("http://shop/"))).toEqual({ host: "shop", port: 80 });
  expect(addressOf(new URL("https://[::1]/"))).toEqual({ host: "::1", port: 443 });
});

test.each([
  ["http://127.0.0.1:3000", true],
  ["HTTPS://wiki.test/cache", true],
  ["javascript:alert(1)", false],
  ["ftp://wiki.test", false],
  ["wiki.test/cache", false],
])("%s is a URL of http: or https: — %s", (text, isOne) => {
  expect(isHttpUrl(text)).toBe(isOne);
});

test("any text is taken apart without loss, or refused by both readers; what a scenario takes, Toxiproxy takes", () => {
  const chars = fc.constantFrom(..."[]:.%-0129afz @/");
  fc.assert(
    fc.property(fc.string({ unit: chars, maxLength: 12 }), (text) => {
      const parts = splitAddress(text);
      if (!parts) {
        expect(parseAddress(text)).toBeNull();
        expect(() => parseHostPort(text)).toThrow(`address ${text}: `);
        return;
      }
      const { host: aHost, isBracketed, port: aPort } = parts;
      expect(`${isBracketed ? `[${aHost}]` : aHost}:${aPort}`).toBe(text);
      const strict = parseAddress(text);
      if (strict) expect(parseHostPort(text)).toEqual(strict);
    }),
    { numRuns: 2_000 },
  );
});

test("Toxiproxy takes an empty host for every interface and an empty port for any; a scenario takes neither", () => {
  expect(parseHostPort(":80")).toEqual({ host: "", port: 80 });
  expect(parseHostPort("[]:80")).toEqual({ host: "", port: 80 });
  expect(parseHostPort("shop:")).toEqual({ host: "shop", port: 0 });
  for (const text of [":80", "[]:80", "shop:", "shop:080808", "[fe80::1%eth0]:80"])
    expect(parseAddress(text), text).toBeNull();
  expect(() => parseHostPort("shop:70000")).toThrow("address 70000: invalid port");
});
