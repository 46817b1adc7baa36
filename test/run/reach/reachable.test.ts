import dns from "node:dns";
import { mkdtempSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import type { LoadTarget } from "../../../src/plan/load-plan.js";
import { pickFreePort } from "../../../src/run/reach/local-port.js";
import { checkTarget, checkUpstream } from "../../../src/run/reach/reachable.js";
import { connectProblem } from "../../../src/run/reach/tcp-probe.js";
import { loadPlan, openModel } from "../../helpers/load-plans.js";

/** A load that goes there. */
const to = (target: LoadTarget) => loadPlan(target.url, openModel(1), { target });

const socketPath = join(mkdtempSync(join(tmpdir(), "faultline-reachable-")), "shop.sock");

afterEach(() => vi.restoreAllMocks());

async function listening<T>(where: string | number, work: () => Promise<T>): Promise<T> {
  const server = createServer((client) => client.destroy());
  await new Promise<void>((resolve) =>
    typeof where === "string" ? server.listen(where, resolve) : server.listen(where, "127.0.0.1", resolve),
  );
  try {
    return await work();
  } finally {
    server.close();
  }
}

test("an upstream and a target that listen are reached, by TCP and by unix socket", async () => {
  const port = await pickFreePort();
  await listening(port, async () => {
    await checkUpstream("cache", `127.0.0.1:${port}`);
    await checkTarget(to({ url: `http://127.0.0.1:${port}/`, socketPath: null, tls: null }));
  });
  await listening(socketPath, () => checkTarget(to({ url: "http://shop/", socketPath, tls: null })));
});

test("one that does not is named, with the reason", async () => {
  // At an address where other tests, which run meanwhile, do not listen.
  const nowhere = `127.0.0.77:${await pickFreePort()}`;
  await expect(checkUpstream("cache", nowhere)).rejects.toMatchObject({
    code: "UPSTREAM_UNREACHABLE",
    message: `the upstream of proxy "cache", ${nowhere}, cannot be reached: connection refused`,
  });
  await expect(
    checkTarget(to({ url: `http://${nowhere}/`, socketPath: null, tls: null })),
  ).rejects.toMatchObject({
    code: "TARGET_UNREACHABLE",
  });
  await expect(checkTarget(to({ url: "http://shop/", socketPath, tls: null }))).rejects.toMatchObject({
    code: "TARGET_UNREACHABLE",
    message: expect.stringContaining(`load.socket ${socketPath} cannot be reached: there is no such file`),
  });
});

type LookupDone = (error: null, found: readonly { address: string; family: number }[]) => void;

/** What a machine's names resolve to is not for a test to choose, so these two bring their own name server. */
function nameServer(answer: (done: LookupDone) => void): void {
  const lookup = (_host: string, _options: object, done: LookupDone) => answer(done);
  vi.spyOn(dns, "lookup").mockImplementation(lookup as unknown as typeof dns.lookup);
}

test("a name with several addresses, none of which listens, cannot be reached", async () => {
  const port = await pickFreePort();
  nameServer((done) =>
    done(null, [
      { address: "::1", family: 6 },
      { address: "127.0.0.1", family: 4 },
    ]),
  );
  const url = `http://localhost:${port}/`;
  await expect(checkTarget(to({ url, socketPath: null, tls: null }))).rejects.toMatchObject({
    code: "TARGET_UNREACHABLE",
  });
  await expect(checkUpstream("cache", `localhost:${port}`)).rejects.toMatchObject({
    code: "UPSTREAM_UNREACHABLE",
    message: expect.stringContaining("connection refused"),
  });
});

test.each([
  ["ENOTFOUND", /^Is the name misspelt, or missing in the DNS and the hosts file of this machine\?/],
  ["EAI_AGAIN", /^The name server did not answer/],
])("what to do about a name that is not known is about names: %s", async (code, hint) => {
  const failure = Object.assign(new Error(`getaddrinfo ${code} shop`), { code });
  const lookup = (_host: string, _options: object, done: (error: Error) => void) => done(failure);
  vi.spyOn(dns, "lookup").mockImplementation(lookup as unknown as typeof dns.lookup);
  const unknown = expect.objectContaining({ hint: expect.stringMatching(hint) });
  await expect(checkTarget(to({ url: "http://shop/", socketPath: null, tls: null }))).rejects.toEqual(
    unknown,
  );
  await expect(checkUpstream("cache", "shop:6379")).rejects.toEqual(unknown);
});

test("a probe gives up in time where nothing answers", async () => {
  nameServer(() => {});
  expect(await connectProblem({ host: "shop", port: 9 }, 200)).toEqual({
    code: null,
    text: "no connection within 0.2 s",
  });
});
