import { execFile } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { promisify } from "node:util";
import { Toxiproxy } from "toxiproxy-node-client";
import { expect, test } from "vitest";
import { main } from "../../src/cli/main.js";
import { hasToxiproxy } from "../helpers/real-toxiproxy.js";

interface Running {
  readonly exitCode: Promise<number>;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves with the API's URL from the ready line, or null when the command ended without one. */
  readonly ready: Promise<string | null>;
  readonly signal: (name: "SIGINT" | "SIGTERM") => void;
}

function proxy(...args: string[]): Running {
  return proxyWith({}, ...args);
}

function proxyWith(env: Readonly<Record<string, string>>, ...args: string[]): Running {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const written = { stdout: "", stderr: "" };
  let send: (name: "SIGINT" | "SIGTERM") => void = () => {};
  stderr.on("data", (text) => {
    written.stderr += text;
  });
  const ready = new Promise<string | null>((resolve) => {
    stdout.on("data", (text) => {
      written.stdout += text;
      const url = /http:\S+(?=,)/.exec(written.stdout)?.[0];
      if (url) resolve(url);
    });
    stdout.on("end", () => resolve(null));
  });
  const exitCode = main(["proxy", ...args], {
    stdin: Readable.from([]),
    stdout,
    stderr,
    env,
    cwd: tmpdir(),
    onSignal: (listener) => {
      send = listener;
      return () => {};
    },
    exitNow: () => {},
  }).finally(() => stdout.end());
  return {
    exitCode,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    ready,
    signal: (name) => send(name),
  };
}

function configFile(content: unknown): string {
  const file = join(mkdtempSync(join(tmpdir(), "faultline-proxy-")), "proxies.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

test("runs until it is told to stop, with one line when it is ready", async () => {
  const running = proxy("--port", "0");
  const url = await running.ready;
  expect(running.stdout()).toMatch(/^Toxiproxy API on http:\/\/127\.0\.0\.1:\d+, 0 proxies\n$/);
  expect((await fetch(`${url}/metrics`)).status).toBe(404);
  running.signal("SIGTERM");
  expect(await running.exitCode).toBe(0);
  expect(running.stderr()).toBe("\nSIGTERM: closing all proxies (again: leave at once)\n");
  await expect(fetch(`${url}/version`)).rejects.toThrow();
});

test("--config makes proxies in Toxiproxy's format, with toxics; --metrics answers Prometheus", async () => {
  const config = [
    {
      name: "cache",
      listen: "127.0.0.1:0",
      upstream: "127.0.0.1:9",
      toxics: [{ type: "latency", attributes: { latency: 5 } }],
    },
    { name: "off", listen: "127.0.0.1:0", upstream: "127.0.0.1:9", enabled: false },
  ];
  const running = proxy("--port", "0", "--config", configFile(config), "--metrics");
  const url = await running.ready;
  expect(running.stdout()).toMatch(/, 2 proxies\n$/);
  const proxies = (await (await fetch(`${url}/proxies`)).json()) as object;
  expect(proxies).toMatchObject({
    cache: { enabled: true, toxics: [{ type: "latency" }] },
    off: { enabled: false },
  });
  expect(await (await fetch(`${url}/metrics`)).text()).toContain("toxiproxy_proxy_received_bytes_total{");
  running.signal("SIGINT");
  expect(await running.exitCode).toBe(0);
});

test("--require-token refuses whoever does not send the token of the environment", async () => {
  const token = "0123456789abcdef";
  const running = proxyWith({ FAULTLINE_PROXY_TOKEN: token }, "--port", "0", "--require-token");
  const url = await running.ready;
  expect(running.stdout() + running.stderr()).not.toContain(token);
  expect((await fetch(`${url}/proxies`)).status).toBe(401);
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(`${url}/proxies`, { headers })).status).toBe(200);
  running.signal("SIGTERM");
  expect(await running.exitCode).toBe(0);
});

test("TOXIPROXY_AUTH_TOKEN asks for that token as the real server does, without an option", async () => {
  const running = proxyWith({ TOXIPROXY_AUTH_TOKEN: "tok" }, "--port", "0", "--metrics");
  const url = await running.ready;
  for (const path of ["/version", "/proxies", "/metrics", "/faultline/counters"]) {
    expect((await fetch(`${url}${path}`)).status).toBe(401);
    expect((await fetch(`${url}${path}`, { headers: { authorization: "Bearer other" } })).status).toBe(401);
    expect((await fetch(`${url}${path}`, { headers: { authorization: "Bearer tok" } })).status).toBe(200);
  }
  running.signal("SIGTERM");
  expect(await running.exitCode).toBe(0);
});

test("--require-token takes Toxiproxy's variable, too, and our own before it", async () => {
  const [ours, theirs] = ["0123456789abcdef", "fedcba9876543210"];
  const statusOf = async (env: Record<string, string>, token: string) => {
    const running = proxyWith(env, "--port", "0", "--require-token");
    const url = await running.ready;
    const { status } = await fetch(`${url}/proxies`, { headers: { authorization: `Bearer ${token}` } });
    running.signal("SIGTERM");
    await running.exitCode;
    return status;
  };
  expect(await statusOf({ TOXIPROXY_AUTH_TOKEN: theirs }, theirs)).toBe(200);
  const both = { FAULTLINE_PROXY_TOKEN: ours, TOXIPROXY_AUTH_TOKEN: theirs };
  expect(await statusOf(both, ours)).toBe(200);
  expect(await statusOf(both, theirs)).toBe(401);
});

test("an API beyond loopback without a token says what that means", async () => {
  const open = proxy("--host", "0.0.0.0", "--port", "0");
  await open.ready;
  await expect.poll(open.stderr).toMatch(/^warning: whoever reaches .* Set TOXIPROXY_AUTH_TOKEN/);
  const guarded = proxyWith({ TOXIPROXY_AUTH_TOKEN: "tok" }, "--host", "0.0.0.0", "--port", "0");
  await guarded.ready;
  for (const running of [open, guarded]) {
    running.signal("SIGTERM");
    expect(await running.exitCode).toBe(0);
  }
  expect(guarded.stderr()).not.toContain("warning");
});

test("a token that no header can carry ends with code 2, and is not shown", async () => {
  const running = proxyWith({ TOXIPROXY_AUTH_TOKEN: "two words" }, "--port", "0");
  expect(await running.exitCode).toBe(2);
  expect(running.stderr()).toMatch(/TOXIPROXY_AUTH_TOKEN must have no characters but/);
  expect(running.stderr()).not.toContain("two words");
});

test.each([
  [
    {},
    /--require-token takes the token from FAULTLINE_PROXY_TOKEN or TOXIPROXY_AUTH_TOKEN, and neither is set/,
  ],
  [{ TOXIPROXY_AUTH_TOKEN: "short" }, /TOXIPROXY_AUTH_TOKEN must have at least 16 characters/],
  [{ FAULTLINE_PROXY_TOKEN: "short" }, /must have at least 16 characters/],
  [{ FAULTLINE_PROXY_TOKEN: "with a blank in it" }, /must have at least 16 characters, and none but/],
])("--require-token with %j ends with code 2 and says why", async (env, why) => {
  const running = proxyWith(env, "--port", "0", "--require-token");
  expect(await running.exitCode).toBe(2);
  expect(running.stderr()).toMatch(why);
});

test.each([
  [["--port", "99999"], 2, /whole number from 0 to 65535/],
  [["--port", "http"], 2, /whole number from 0 to 65535/],
  [["--allow-host", "http://toxiproxy.example.com"], 2, /must be a name alone/],
  [["--allow-host", "toxiproxy.example.com:8474"], 2, /must be a name alone/],
  [["--host", "192.0.2.1", "--port", "0"], 2, /The API cannot listen on 192\.0\.2\.1:0: .*EADDRNOTAVAIL/],
  [["--config", "not-there.json"], 2, /There is no file not-there\.json/],
  [["--config", "{"], 2, /is not JSON/],
  [["--config", '{"name":"x"}'], 2, /must be an array of proxies/],
  [["--config", '[{"name":"x"}]'], 2, /missing required field: upstream at proxy 1/],
  [
    ["--config", '[{"name":"x","upstream":"u:1","listen":"127.0.0.1:0","toxics":[{"type":"nope"}]}]'],
    2,
    /invalid toxic type/,
  ],
] as const)("%j ends with code %i and says why", async ([first, second, ...rest], code, why) => {
  const isText = first === "--config" && !second.endsWith(".json");
  const running = proxy(
    ...(first === "--config" ? ["--port", "0"] : []),
    first,
    isText ? configFile(second) : second,
    ...rest,
  );
  expect(await running.exitCode).toBe(code);
  expect(running.stderr()).toMatch(why);
  expect(running.stdout()).toBe("");
});

test("an API port in use ends with code 4, and so does a proxy's", async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  const bound = holder.address();
  const address = `127.0.0.1:${typeof bound === "object" && bound ? bound.port : 0}`;
  const api = proxy("--port", address.split(":")[1] ?? "");
  expect(await api.exitCode).toBe(4);
  expect(api.stderr()).toContain(`${address} is in use: the API cannot listen there.`);
  const config = configFile([{ name: "x", listen: address, upstream: "u:1" }]);
  const one = proxy("--port", "0", "--config", config);
  expect(await one.exitCode).toBe(4);
  expect(one.stderr()).toContain(`listen tcp ${address}: bind: address already in use`);
  holder.close();
});

test("toxiproxy-node-client can drive it", async () => {
  const running = proxy("--port", "0");
  const client = new Toxiproxy((await running.ready) ?? "");
  const cache = await client.createProxy({ name: "cache", listen: "127.0.0.1:0", upstream: "127.0.0.1:9" });
  const toxic = await cache.addToxic({
    name: "slow",
    type: "latency",
    stream: "upstream",
    toxicity: 0.5,
    attributes: { latency: 100, jitter: 10 },
  });
  await toxic.update({ ...toxic.toJson(), attributes: { latency: 200, jitter: 0 } });
  expect((await cache.getToxic("slow")).attributes).toEqual({ latency: 200, jitter: 0 });
  await cache.update({ enabled: false, listen: cache.listen, upstream: cache.upstream });
  expect((await client.get("cache")).enabled).toBe(false);
  await client.reset();
  expect((await client.getAll()).cache?.enabled).toBe(true);
  expect(await client.getVersion()).toContain("2.13");
  await cache.remove();
  expect(await client.getAll()).toEqual({});
  running.signal("SIGTERM");
  await running.exitCode;
});

const hasCli = hasToxiproxy("toxiproxy-cli");
test.skipIf(!hasCli)("toxiproxy-cli can drive it, where it is installed", async () => {
  const running = proxy("--port", "0");
  const { host } = new URL((await running.ready) ?? "");
  const cli = async (...args: string[]) =>
    (await promisify(execFile)("toxiproxy-cli", ["-h", host, ...args])).stdout;
  await cli("create", "-l", "127.0.0.1:0", "-u", "127.0.0.1:9", "cache");
  await cli("toxic", "add", "-t", "latency", "-n", "slow", "-a", "latency=100", "cache");
  await cli("toxic", "update", "-n", "slow", "-a", "jitter=10", "cache");
  expect(await cli("inspect", "cache")).toMatch(/slow.*type=latency.*jitter=10.*latency=100/);
  await cli("toxic", "remove", "-n", "slow", "cache");
  await cli("toggle", "cache");
  expect(await cli("list")).toMatch(/cache.*disabled/);
  await cli("delete", "cache");
  running.signal("SIGTERM");
  await running.exitCode;
});
