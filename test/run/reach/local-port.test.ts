import { createServer } from "node:net";
import { expect, test } from "vitest";
import { pickFreePort, reserve } from "../../../src/run/reach/local-port.js";
import { isListening } from "../../../src/run/reach/tcp-probe.js";

test("free ports differ, can be bound, and lie outside the range of outgoing connections", async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, () => pickFreePort()));
  expect(new Set(ports).size).toBe(50);
  const outgoing = createServer();
  await new Promise<void>((resolve) => outgoing.listen(0, "127.0.0.1", resolve));
  const servers = await Promise.all(
    ports.map(
      (port) =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer().once("error", reject);
          server.listen(port, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  expect(await isListening("127.0.0.1", ports[0]!)).toBe(true);
  for (const server of [outgoing, ...servers]) server.close();
});

test("a port that nobody listens on is not listening", async () => {
  expect(await isListening("127.0.0.1", await pickFreePort())).toBe(false);
});

test.runIf(process.platform === "linux")(
  "a port that was picked is taken for whoever else asks",
  async () => {
    const port = await pickFreePort();
    expect(await reserve(port)).toBe(false);
  },
);
