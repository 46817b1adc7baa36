import { request } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EmbeddedServer } from "../../../../../src/faults/toxiproxy/embedded/server.js";

const TOKEN = "a token of the tests";
const options = { host: "127.0.0.1", port: 0, metrics: false, seed: 1 };

interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** With node:http, which sends Host and Origin as they are given. */
async function ask(server: EmbeddedServer, { method = "GET", path = "/version", headers = {} }: Ask) {
  const { port } = new URL(server.url);
  return await new Promise<{ status: number; body: string }>((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", port, method, path, headers, agent: false }, (answer) => {
      text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject);
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

describe("without a token", () => {
  let server: EmbeddedServer;
  beforeAll(async () => {
    server = await EmbeddedServer.listen({ ...options, allowHosts: ["toxiproxy.example.com"] });
  });
  afterAll(() => server.close());

  test.each([
    "127.0.0.1:8474",
    "[::1]:8474",
    "192.0.2.7",
    "localhost",
    "LOCALHOST.:8474",
    "toxiproxy:8474",
    "api.localhost",
    "host.docker.internal:8474",
    "toxiproxy.default.svc.cluster.local",
    "Toxiproxy.example.com:8474",
  ])("Host %s is a name that no stranger's page can have", async (host) => {
    expect((await ask(server, { headers: { host } })).status).toBe(200);
  });

  test.each([
    "evil.com",
    "evil.com:8474",
    "evil.com.",
    "localhost.evil.com",
    "127.0.0.1.evil.com",
    "example.com",
    "a b",
  ])("Host %j is refused: DNS may lead it here", async (host) => {
    const { status, body } = await ask(server, { headers: { host } });
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({ status: 403, error: expect.stringContaining("host") });
  });

  test("the host of a whole URL in the request line is looked at, too", async () => {
    expect((await ask(server, { path: "http://evil.com/version", headers: { host: "a" } })).status).toBe(403);
    expect((await ask(server, { path: "http://a/version", headers: { host: "a" } })).status).toBe(200);
  });

  test.each(["http://evil.com", "https://evil.com:8474", "null", "file://"])(
    "a page of origin %s can change nothing",
    async (origin) => {
      const { status } = await ask(server, { method: "POST", path: "/reset", headers: { origin } });
      expect(status).toBe(403);
    },
  );

  test("a form of another site that comes without an origin changes nothing", async () => {
    const reset = (site: string) =>
      ask(server, { method: "POST", path: "/reset", headers: { "sec-fetch-site": site } });
    expect((await reset("cross-site")).status).toBe(403);
    // An address that somebody typed, and this server's own pages.
    for (const site of ["none", "same-origin", "same-site"]) expect((await reset(site)).status).toBe(204);
  });

  test("a page of this machine's own may ask", async () => {
    const headers = { origin: "http://localhost:3000" };
    expect((await ask(server, { headers })).status).toBe(200);
    // For a browser another port of localhost is the same site, and 127.0.0.1 another one.
    expect((await ask(server, { headers: { ...headers, "sec-fetch-site": "cross-site" } })).status).toBe(200);
  });
});

describe("with a token", () => {
  let server: EmbeddedServer;
  beforeAll(async () => {
    server = await EmbeddedServer.listen({ ...options, token: TOKEN });
  });
  afterAll(() => server.close());

  test.each(["/version", "/proxies", "/faultline/counters", "/nope"])("%s asks for it", async (path) => {
    for (const authorization of ["", TOKEN, `Bearer ${TOKEN}x`, `Basic ${TOKEN}`]) {
      const { status, body } = await ask(server, { path, headers: { authorization } });
      expect(status).toBe(401);
      expect(body).not.toContain(TOKEN);
    }
  });

  test("whoever has it is answered as ever", async () => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect((await ask(server, { headers })).status).toBe(200);
    expect((await ask(server, { path: "/nope", headers })).status).toBe(404);
  });
});
