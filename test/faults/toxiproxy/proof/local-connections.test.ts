import { expect, test } from "vitest";
import { clientsIn, clientsNow } from "../../../../src/faults/toxiproxy/proof/local-connections.js";

const HEADER =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const row = (local: string, remote: string, state: string) =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 1 1 0 20 4 30 10 -1`;
const countIn = async (rows: string, listen: string) => (await clientsIn(rows, listen)).size;
const table = (...rows: string[]) => [HEADER, ...rows, ""].join("\n");

test("open connections are counted from either end, those that listen or have closed are not", async () => {
  const both = table(
    row("0100007F:18F7", "00000000:0000", "0A"),
    row("0100007F:C350", "0100007F:18F7", "01"),
    row("0100007F:18F7", "0100007F:C350", "01"),
    row("0100007F:C351", "0100007F:18F7", "06"),
  );
  expect(await clientsIn(both, "127.0.0.1:6391")).toEqual(new Set(["127.0.0.1:50000"]));
  // The client is elsewhere, or the proxy is.
  expect(await countIn(table(row("0100007F:18F7", "0500000A:C350", "01")), "127.0.0.1:6391")).toBe(1);
  expect(await countIn(table(row("0200000A:C350", "0500000A:18F7", "01")), "10.0.0.5:6391")).toBe(1);
});

test("the same port of another host is another connection", async () => {
  const elsewhere = table(row("0100007F:C350", "0500000A:18F7", "01"));
  expect(await countIn(elsewhere, "127.0.0.1:6391")).toBe(0);
  expect(await countIn(elsewhere, "0.0.0.0:6391")).toBe(0);
  expect(await countIn(table(row("0100007F:C350", "0100007F:18F7", "01")), "[::]:6391")).toBe(1);
});

test("IPv6 addresses, and IPv4 within them", async () => {
  const mapped = "0000000000000000FFFF00000100007F";
  const loopback = "00000000000000000000000001000000";
  expect(await countIn(table(row(`${mapped}:C350`, `${mapped}:18F7`, "01")), "127.0.0.1:6391")).toBe(1);
  expect(await countIn(table(row(`${loopback}:C350`, `${loopback}:18F7`, "01")), "[::1]:6391")).toBe(1);
  expect(await countIn(table(row(`${loopback}:C350`, `${loopback}:18F7`, "01")), "127.0.0.1:6391")).toBe(0);
});

test("a name stands for the addresses that it resolves to, not for this machine", async () => {
  const there = table(row("0100007F:C350", "0500000A:18F7", "01"));
  const here = table(row("0100007F:C350", "0100007F:18F7", "01"));
  // A form of 10.0.0.5 that the system's resolver takes for a name, so that no name server is asked.
  expect(await countIn(there, "10.5:6391")).toBe(1);
  expect(await countIn(here, "10.5:6391")).toBe(0);
  expect(await countIn(here, "localhost:6391")).toBe(1);
});

test("where the connections cannot be told the answer is that they are not known", async () => {
  expect(await clientsNow("no.such.host.invalid:6391")).toBeNull();
  expect(await clientsNow("not an address")).toBeNull();
});
