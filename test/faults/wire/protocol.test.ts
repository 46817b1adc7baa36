import { describe, expect, it } from "vitest";
import { alwaysAroundHint, aroundTheProxyHint } from "../../../src/faults/wire/around-the-proxy.js";
import { protocolOfClient, protocolOfServer, WIRE_PROTOCOLS } from "../../../src/faults/wire/protocol.js";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

/** What clients and servers send first, by the documents of each protocol. */
const FIRST: readonly (readonly [string, Buffer])[] = [
  ["tls", hex("16 03 01 02 00 01 00 01 fc 03 03")],
  ["http", Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n\r\n")],
  ["http2", Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")],
  ["amqp", Buffer.from("AMQP\x00\x00\x09\x01", "latin1")],
  ["redis", Buffer.from("*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n")],
  ["redis", Buffer.from("PING\r\n")],
  // StartupMessage of version 3.0, and SSLRequest.
  ["postgresql", Buffer.concat([hex("00 00 00 17 00 03 00 00"), Buffer.from("user\0shop\0\0")])],
  ["postgresql", hex("00 00 00 08 04 d2 16 2f")],
  // OP_QUERY isMaster and OP_MSG hello.
  ["mongodb", hex("3a 00 00 00 01 00 00 00 00 00 00 00 d4 07 00 00 00 00 00 00")],
  ["mongodb", hex("80 00 00 00 02 00 00 00 00 00 00 00 dd 07 00 00 00 00 00 00")],
  // ApiVersions version 3 and Metadata version 1, from a client named "shop".
  ["kafka", Buffer.concat([hex("00 00 00 20 00 12 00 03 00 00 00 01 00 04"), Buffer.from("shop")])],
  ["kafka", Buffer.concat([hex("00 00 00 14 00 03 00 01 00 00 00 00 00 04"), Buffer.from("shop")])],
];

describe("the first bytes of a client", () => {
  it.each(FIRST)("tell %s", (protocol, bytes) => {
    expect(protocolOfClient(bytes)).toBe(protocol);
    // As a part of a larger buffer, as reads are.
    const around = Buffer.concat([Buffer.alloc(3, 0xff), bytes, Buffer.alloc(3, 0xff)]);
    expect(protocolOfClient(around.subarray(3, 3 + bytes.length))).toBe(protocol);
  });

  it.each([
    "",
    "00",
    "ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff",
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
    "47 45 54",
    "00 00 00 10 00 00 00 01 00 00 00 01 00 04 61 62",
  ])("tell nothing: %s", (bytes) => {
    expect(protocolOfClient(hex(bytes))).toBeNull();
    expect(protocolOfServer(hex(bytes))).toBeNull();
  });
});

it("a server that speaks first is known by its greeting", () => {
  expect(protocolOfServer(Buffer.concat([hex("4a 00 00 00 0a"), Buffer.from("8.0.36\0")]))).toBe("mysql");
  expect(protocolOfServer(Buffer.from('INFO {"server_id":"a"}'))).toBe("nats");
  expect(protocolOfServer(Buffer.from("220 mail ESMTP"))).toBeNull();
});

describe("why so little crosses a proxy", () => {
  it("is told by the protocol that was seen, wherever the server listens", () => {
    expect(aroundTheProxyHint("127.0.0.1:5432", ["kafka"])).toContain("advertised.listeners");
    expect(aroundTheProxyHint("127.0.0.1:40123", ["mongodb"])).toContain("directConnection=true");
    expect(aroundTheProxyHint("127.0.0.1:40123", ["http"])).toContain("SQS");
    expect(aroundTheProxyHint("127.0.0.1:40123", ["tls", "redis"])).toContain("cluster-announce-ip");
  });

  it("is guessed by the usual port where the server shows nothing", () => {
    expect(aroundTheProxyHint("127.0.0.1:9092", [])).toContain("advertised.listeners");
    expect(aroundTheProxyHint("db:3306", [])).toContain("MySQL's clients stay");
    expect(aroundTheProxyHint("127.0.0.1:40123", [])).toBeNull();
  });

  it("is told where nothing at all crossed for clients that always go on", () => {
    expect(alwaysAroundHint("127.0.0.1:40123", ["kafka"])).toContain("advertised.listeners");
    expect(alwaysAroundHint("127.0.0.1:6379", [])).toBeNull();
    expect(alwaysAroundHint("127.0.0.1:40123", ["redis"])).toBeNull();
  });

  it("is one clear sentence for each protocol that has one", () => {
    for (const protocol of WIRE_PROTOCOLS) {
      expect(aroundTheProxyHint("a:1", [protocol]) ?? "None.").toMatch(/^[A-Z].*\.$/);
    }
  });
});
