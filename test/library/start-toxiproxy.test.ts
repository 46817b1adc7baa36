import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { startToxiproxy } from "../../src/index.js";

test("a Toxiproxy of one's own has a URL that any client can use, and is gone when it is closed", async () => {
  const upstream = createServer((_, response) => response.end("ok")).listen(0, "127.0.0.1");
  onTestFinished(() => void upstream.close());
  await new Promise((resolve) => upstream.once("listening", resolve));
  const { port } = upstream.address() as AddressInfo; // it listens on TCP
  const toxiproxy = await startToxiproxy();
  onTestFinished(() => toxiproxy.close());
  const made = await fetch(`${toxiproxy.url}/proxies`, {
    method: "POST",
    body: JSON.stringify({ name: "web", listen: "127.0.0.1:0", upstream: `127.0.0.1:${port}` }),
  });
  expect(made.status).toBe(201);
  const { listen } = (await made.json()) as { readonly listen: string }; // as Toxiproxy answers
  expect(await (await fetch(`http://${listen}/`)).text()).toBe("ok");
  await toxiproxy.close();
  await toxiproxy.close();
  await expect(fetch(`${toxiproxy.url}/version`)).rejects.toThrow();
});
