import { expect, test } from "vitest";
import { isLocalOnly, parseListenAddress } from "../../src/live/listen-address.js";

test("an address to serve on is read with and without a port", () => {
  expect(parseListenAddress("0.0.0.0")).toEqual({ host: "0.0.0.0", port: 0 });
  expect(parseListenAddress("192.168.1.5:8080")).toEqual({ host: "192.168.1.5", port: 8080 });
  expect(parseListenAddress("[::1]:0")).toEqual({ host: "::1", port: 0 });
  expect(parseListenAddress("[::]")).toEqual({ host: "::", port: 0 });
  expect(parseListenAddress("build-3.corp.example:80")).toEqual({ host: "build-3.corp.example", port: 80 });
});

test.each(["", "1.2.3", "300.1.1.1", "host:70000", "host:http", "a b", "http://host/", "-x", "host:80:90"])(
  "%j is refused with what to write instead",
  (text) => {
    expect(() => parseListenAddress(text)).toThrow(
      /--ui-host: expected an address .*192\.168\.1\.5:8080, not "/,
    );
  },
);

test("only what this machine alone can reach is loopback", () => {
  const loopback = (host: string) => isLocalOnly({ host, port: 0 });
  expect(["127.0.0.1", "127.9.9.9", "::1", "localhost"].every(loopback)).toBe(true);
  expect(["0.0.0.0", "::", "192.168.1.5", "127.evil.example", "localhost.example"].some(loopback)).toBe(
    false,
  );
});
