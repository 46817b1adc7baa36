import { spawnSync } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { bytesIn, socketBytes } from "../../../../src/faults/toxiproxy/proof/socket-bytes.js";
import { echo, ProxyBench } from "../../../helpers/proxy-line.js";

const isInstalled = spawnSync("ss", ["-V"]).status === 0;

test("bytes of a connection, by its client, from either end; of other ports and hosts none", async () => {
  const output = [
    "ESTAB 0      0      127.0.0.1:57724 127.0.0.1:6391 cubic rto:204 bytes_sent:5 bytes_acked:6 bytes_received:7 segs_out:4",
    "ESTAB 0      0      127.0.0.1:6391 127.0.0.1:57724 cubic rto:204 bytes_sent:7 bytes_acked:5 bytes_received:5 segs_out:2",
    "ESTAB 0      0      [::ffff:127.0.0.1]:6391 [::ffff:127.0.0.1]:57726 cubic rto:204 bytes_received:9",
    "ESTAB 0      0      127.0.0.1:57728 127.0.0.1:6391 cubic rto:204",
    "ESTAB 0      0      10.0.0.5:57730 10.0.0.9:6391 cubic bytes_sent:5",
    "",
  ].join("\n");
  expect(await bytesIn(output, "127.0.0.1:6391")).toEqual(
    new Map([
      ["127.0.0.1:57724", 12],
      ["127.0.0.1:57726", 9],
      ["127.0.0.1:57728", 0],
    ]),
  );
});

test.skipIf(!isInstalled)("what a connection has carried until now is told by the system", async () => {
  const bench = await ProxyBench.open();
  onTestFinished(() => bench.close());
  const up = await bench.upstream(echo);
  const client = await bench.client(up.address);
  expect([...((await socketBytes(up.address))?.values() ?? [])]).toEqual([0]);
  client.socket.write("hello");
  await client.got(5);
  expect([...((await socketBytes(up.address))?.values() ?? [])]).toEqual([10]);
});

test("an address that is none, or a name that cannot be resolved, is not known", async () => {
  expect(await socketBytes("not an address")).toBeNull();
});
