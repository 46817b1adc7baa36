import { connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { startEmbedded } from "../../../../src/faults/toxiproxy/embedded/start.js";

const options = { host: "127.0.0.1", port: 0, metrics: false, seed: 1 };

/** "open", or the code of the error. */
function attempt(address: string): Promise<string> {
  const [host, port] = address.split(":");
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) }, () => {
      socket.destroy();
      resolve("open");
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
  });
}

test("runs in a thread of its own, on a free port, until it is stopped", async () => {
  const server = await startEmbedded(options);
  const { host } = new URL(server.url);
  expect(await (await fetch(`${server.url}/version`)).json()).toEqual({ version: "2.13.0" });
  expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
  await Promise.all([server.stop(), server.stop()]);
  expect(await attempt(host)).toBe("ECONNREFUSED");
});

test("a port that is taken is PORT_IN_USE, with the address", async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  const bound = holder.address();
  const port = typeof bound === "object" && bound ? bound.port : 0;
  await expect(startEmbedded({ ...options, port })).rejects.toMatchObject({
    code: "PORT_IN_USE",
    message: expect.stringContaining(`127.0.0.1:${port}`),
  });
  holder.close();
});

test("a host that cannot be listened on is an error that names the reason", async () => {
  await expect(startEmbedded({ ...options, host: "192.0.2.1" })).rejects.toThrow(/EADDRNOTAVAIL/);
});

test("does not say that it died when it was stopped", async () => {
  const server = await startEmbedded(options);
  let died = false;
  server.died.then(() => {
    died = true;
  });
  await server.stop();
  expect(died).toBe(false);
});
