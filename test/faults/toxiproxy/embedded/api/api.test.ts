import { createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ProxyBench } from "../../../../helpers/proxy-line.js";

const UP = "127.0.0.1:9";
let bench: ProxyBench;
beforeAll(async () => {
  bench = await ProxyBench.open();
});
beforeEach(async () => {
  const { json } = await bench.api("GET", "/proxies");
  for (const name of Object.keys(json)) await bench.api("DELETE", `/proxies/${encodeURIComponent(name)}`);
});
afterAll(() => bench.close());

const make = (more: object = {}) =>
  bench.api("POST", "/proxies", { name: "a", listen: "127.0.0.1:0", upstream: UP, ...more });
const toxic = (body: object) => bench.api("POST", "/proxies/a/toxics", body);

/** A port that somebody else holds. */
async function busyPort(): Promise<{ address: string; free: () => void }> {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  const bound = holder.address();
  return {
    address: `127.0.0.1:${typeof bound === "object" && bound ? bound.port : 0}`,
    free: () => holder.close(),
  };
}

test("a new proxy is answered with 201, its real port and no toxics", async () => {
  const made = await make();
  expect(made.status).toBe(201);
  expect(made.json).toEqual({
    name: "a",
    listen: expect.stringMatching(/^127\.0\.0\.1:[1-9]\d+$/),
    upstream: UP,
    enabled: true,
    toxics: [],
  });
  expect((await bench.api("GET", "/proxies/a")).json).toEqual(made.json);
  expect((await bench.api("GET", "/proxies")).json).toEqual({ a: made.json });
});

test("errors are JSON with the status in it, labelled as text", async () => {
  const response = await fetch(`${bench.server.url}/proxies/none`, { headers: { "user-agent": "x" } });
  expect(response.status).toBe(404);
  expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(await response.text()).toBe('{"error":"proxy not found","status":404}\n');
});

test.each([
  ["{}", "missing required field: name"],
  ['{"name":"x"}', "missing required field: upstream"],
  ["null", "missing required field: name"],
  ["", "bad request body: "],
  ['{"name":"x"', "bad request body: "],
  ["[]", "bad request body: "],
  ['{"name":1,"upstream":"u"}', "bad request body: name must be a string, not 1"],
  ['{"name":"x","upstream":"u","enabled":"no"}', 'bad request body: enabled must be true or false, not "no"'],
])("POST /proxies refuses %s", async (body, message) => {
  const answer = await bench.api("POST", "/proxies", body);
  expect(answer.status).toBe(400);
  expect(answer.json.error.startsWith(message)).toBe(true);
  expect((await bench.api("GET", "/proxies")).json).toEqual({});
});

test("keys match in any case, the last one wins, null and unknown keys change nothing", async () => {
  const body = `{"NAME":"first","name":"a","Listen":"127.0.0.1:0","upSTREAM":"${UP}","enabled":null,"colour":1} }{`;
  expect((await bench.api("POST", "/proxies", body)).json).toMatchObject({ name: "a", enabled: true });
});

test("a key given twice: the last text counts, attributes add up, and null in /populate takes back", async () => {
  const body = `{"name":"b","upstream":"x:1","NAME":"a","Upſtream":"${UP}","listen":"127.0.0.1:0"}`;
  expect((await bench.api("POST", "/proxies", body)).json).toMatchObject({ name: "a", upstream: UP });
  const twice =
    '{"type":"noop","Type":"latency","attributes":{"latency":5,"jitter":1},"Attributes":{"LATENCY":7}}';
  const made = await bench.api("POST", "/proxies/a/toxics", twice);
  expect(made.json).toMatchObject({ type: "latency", attributes: { latency: 7, jitter: 1 } });
  const updated =
    '{"attributes":{"latency":8},"attributes":{"jitter":2},"attributes":null,"attributes":{"jitter":3}}';
  const after = await bench.api("PATCH", "/proxies/a/toxics/latency_downstream", updated);
  expect(after.json.attributes).toEqual({ latency: 8, jitter: 2 });
  const populate = `[{"name":"c","upstream":"${UP}","listen":"127.0.0.1:0","enabled":false,"enabled":null}]`;
  expect((await bench.api("POST", "/populate", populate)).json.proxies[0].enabled).toBe(true);
});

test("GET /proxies has the names in the order of their bytes", async () => {
  const names = ["b", "10", "9", "a", "Z", "\u{10000}", "\ue000", "é"];
  for (const name of names) await make({ name, enabled: false });
  const { text } = await bench.api("GET", "/proxies");
  const shown = [...text.matchAll(/"name":"([^"]+)"/g)].map(([, name]) => name);
  expect(shown).toEqual(["10", "9", "Z", "a", "b", "é", "\ue000", "\u{10000}"]);
});

test("a proxy whose name has 20,000 characters can be shown and removed", async () => {
  const name = "n".repeat(20_000);
  await make({ name });
  expect((await bench.api("GET", `/proxies/${name}`)).json.name).toBe(name);
  expect((await bench.api("DELETE", `/proxies/${name}`)).status).toBe(204);
});

test("requests that are sent at once on one connection take effect one after the other", async () => {
  const body = JSON.stringify({ name: "a", listen: "127.0.0.1:0", upstream: UP });
  const head = (method: string, path: string) => `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n`;
  const client = await bench.client(`127.0.0.1:${new URL(bench.server.url).port}`);
  client.socket.write(
    `${head("POST", "/proxies")}Content-Length: ${body.length}\r\n\r\n${body}` +
      `${head("GET", "/proxies/a")}\r\n${head("DELETE", "/proxies/a")}\r\n` +
      `${head("GET", "/proxies/a")}Connection: close\r\n\r\n`,
  );
  await client.closed();
  const statuses = [...client.bytes.toString().matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
  expect(statuses).toEqual(["201", "200", "204", "404"]);
});

test("every answer of an operation carries an id of its own, and no other answer does", async () => {
  const idOf = async (path: string, agent = "x") =>
    (await fetch(bench.server.url + path, { headers: { "user-agent": agent } })).headers.get(
      "x-toxiproxy-request-id",
    );
  const ids = [await idOf("/version"), await idOf("/proxies/none"), await idOf("/proxies", "Mozilla/5.0")];
  for (const id of ids) expect(id).toMatch(/^[0-9a-v]{20}$/);
  expect(new Set(ids).size).toBe(3);
  expect(await idOf("/nothing")).toBe(null);
});

test("a name that is taken is 409, before its listen address is looked at", async () => {
  await make();
  expect((await make({ listen: "nonsense" })).json).toEqual({ error: "proxy already exists", status: 409 });
});

test.each([
  ["nonsense", "listen tcp: address nonsense: missing port in address"],
  ["127.0.0.1", "listen tcp: address 127.0.0.1: missing port in address"],
  ["127.0.0.1:99999", "listen tcp: address 99999: invalid port"],
  ["127.0.0.1:-1", "listen tcp: address -1: invalid port"],
  ["127.0.0.1:80x", "listen tcp: lookup tcp/80x: unknown port"],
  ["127.0.0.1:1:2", "listen tcp: address 127.0.0.1:1:2: too many colons in address"],
  ["[::1", "listen tcp: address [::1: missing ']' in address"],
  ["300.1.1.1:80", "listen tcp: lookup 300.1.1.1: no such host"],
  ["192.0.2.1:0", "listen tcp 192.0.2.1:0: bind: cannot assign requested address"],
])("listen %s is 500 and leaves nothing", async (listen, error) => {
  expect((await make({ listen })).json).toEqual({ error, status: 500 });
  expect((await bench.api("GET", "/proxies")).json).toEqual({});
});

test("a port in use is 500 with the system's reason", async () => {
  const busy = await busyPort();
  const answer = await make({ listen: busy.address });
  busy.free();
  expect(answer.json).toEqual({
    error: `listen tcp ${busy.address}: bind: address already in use`,
    status: 500,
  });
});

test("a disabled proxy's listen address is kept as it was written", async () => {
  expect((await make({ listen: "nonsense", enabled: false })).json).toMatchObject({
    listen: "nonsense",
    enabled: false,
  });
});

test("an update changes what it names and nothing else", async () => {
  const { listen } = (await make()).json;
  expect((await bench.api("PATCH", "/proxies/a", {})).json).toMatchObject({
    listen,
    upstream: UP,
    enabled: true,
  });
  expect((await bench.api("POST", "/proxies/a", { upstream: "127.0.0.1:10", name: "b" })).json).toMatchObject(
    { name: "a", listen, upstream: "127.0.0.1:10" },
  );
  expect((await bench.api("PATCH", "/proxies/a", { enabled: false })).json).toMatchObject({
    listen,
    enabled: false,
  });
  expect((await bench.api("PATCH", "/proxies/a", { enabled: true })).json).toMatchObject({
    listen,
    enabled: true,
  });
  expect((await bench.api("PATCH", "/proxies/a", { listen: "127.0.0.1:0" })).json.listen).not.toBe(listen);
});

test("a listen address that does not parse changes nothing; one that is taken leaves the proxy down on it", async () => {
  const { listen } = (await make()).json;
  const refused = await bench.api("PATCH", "/proxies/a", { listen: "nonsense", upstream: "x:1" });
  expect(refused.json).toEqual({ error: "address nonsense: missing port in address", status: 500 });
  expect((await bench.api("GET", "/proxies/a")).json).toMatchObject({ listen, upstream: UP, enabled: true });
  const busy = await busyPort();
  expect((await bench.api("PATCH", "/proxies/a", { listen: busy.address })).status).toBe(500);
  expect((await bench.api("GET", "/proxies/a")).json).toMatchObject({ listen: busy.address, enabled: false });
  busy.free();
});

test("twenty requests for one name make one proxy", async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => make()));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(409)]);
});

test.each(["__proto__", "constructor", "a b", "50%", "x%41", "q?x#y", "nl\n", "🙂", "...", "{x}"])(
  "a proxy may be called %j, and a toxic too",
  async (name) => {
    const path = `/proxies/${encodeURIComponent(name)}`;
    expect((await make({ name })).status).toBe(201);
    expect(Object.keys((await bench.api("GET", "/proxies")).json)).toEqual([name]);
    expect((await bench.api("GET", path)).json.name).toBe(name);
    expect((await bench.api("POST", `${path}/toxics`, { type: "noop", name })).json.name).toBe(name);
    expect((await bench.api("GET", `${path}/toxics/${encodeURIComponent(name)}`)).json.name).toBe(name);
    expect((await bench.api("GET", "/faultline/counters")).json[name].toxics).toEqual(
      JSON.parse(`{${JSON.stringify(name)}:{"connections":0,"drawn":0,"hits":0,"acts":0}}`),
    );
    expect((await bench.api("DELETE", path)).status).toBe(204);
  },
);

test("toxics: defaults, order and names", async () => {
  await make();
  expect((await toxic({ type: "latency" })).json).toEqual({
    attributes: { latency: 0, jitter: 0 },
    name: "latency_downstream",
    type: "latency",
    stream: "downstream",
    toxicity: 1,
  });
  expect((await toxic({ type: "latency" })).status).toBe(409);
  expect((await toxic({ type: "latency", stream: "UPSTREAM", toxicity: 0.1 })).json).toMatchObject({
    name: "latency_UPSTREAM",
    stream: "UPSTREAM",
    toxicity: 0.1,
  });
  expect(
    (await bench.api("GET", "/proxies/a/toxics")).json.map((each: { name: string }) => each.name),
  ).toEqual(["latency_UPSTREAM", "latency_downstream"]);
});

test.each([
  [{ type: "nope" }, "invalid toxic type"],
  [{ type: "constructor" }, "invalid toxic type"],
  [{ type: "nope", stream: "both" }, "stream was invalid, can be either upstream or downstream"],
  [
    { type: "latency", attributes: { latency: "100" } },
    'bad request body: attributes.latency must be a whole number, not "100"',
  ],
  [
    { type: "latency", attributes: { latency: 1.5 } },
    "bad request body: attributes.latency must be a whole number, not 1.5",
  ],
  [{ type: "latency", attributes: 5 }, "bad request body: attributes must be an object, not 5"],
  [{ type: "noop", toxicity: "1" }, 'bad request body: toxicity must be a number, not "1"'],
  [{ type: "slicer" }, "bad request body: attribute average_size must be above 0, not 0"],
  [
    { type: "slicer", attributes: { average_size: -1 } },
    "bad request body: attribute average_size must be above 0, not -1",
  ],
  [
    { type: "slicer", attributes: { average_size: 5, size_variation: 6 } },
    "bad request body: attribute size_variation must be from 0 to average_size, not 6",
  ],
  [
    { type: "slicer", attributes: { average_size: 5, size_variation: -1 } },
    "bad request body: attribute size_variation must be from 0 to average_size, not -1",
  ],
  [
    { type: "packet_loss", attributes: { loss_rate: "0.1" } },
    'bad request body: attributes.loss_rate must be a number, not "0.1"',
  ],
])("toxic %j is refused", async (body, error) => {
  await make();
  expect((await toxic(body)).json).toEqual({ error, status: 400 });
  expect((await bench.api("GET", "/proxies/a/toxics")).json).toEqual([]);
});

test("a jitter beyond 2^62, which ends the real server, is refused", async () => {
  await make();
  const body = '{"type":"latency","attributes":{"jitter":9223372036854775807}}';
  expect((await bench.api("POST", "/proxies/a/toxics", body)).status).toBe(400);
});

test("shares of packet_loss are fractions, kept as they were given", async () => {
  await make();
  const shown = async (attributes: object, name: string) =>
    (await toxic({ type: "packet_loss", name, attributes })).json.attributes;
  expect(await shown({}, "none")).toEqual({ loss_rate: 0, correlation: 0 });
  expect(await shown({ loss_rate: 0.123456789, correlation: 1 }, "some")).toEqual({
    loss_rate: 0.123456789,
    correlation: 1,
  });
  expect(await shown({ loss_rate: -3, correlation: 2.5 }, "out")).toEqual({
    loss_rate: -3,
    correlation: 2.5,
  });
});

test("an update that a slicer cannot work with is refused, and changes nothing", async () => {
  await make();
  await toxic({ type: "slicer", name: "s", attributes: { average_size: 10, size_variation: 5 } });
  const update = await bench.api("PATCH", "/proxies/a/toxics/s", { attributes: { average_size: 4 } });
  expect(update.json).toEqual({
    error: "bad request body: attribute size_variation must be from 0 to average_size, not 5",
    status: 400,
  });
  const kept = (await bench.api("GET", "/proxies/a/toxics/s")).json.attributes;
  expect(kept).toEqual({ average_size: 10, size_variation: 5, delay: 0 });
});

test("the largest 64-bit integer comes back unharmed, the next one is refused", async () => {
  await make();
  const body = (bytes: string) => `{"type":"limit_data","name":"l${bytes}","attributes":{"bytes":${bytes}}}`;
  const made = await bench.api("POST", "/proxies/a/toxics", body("9223372036854775807"));
  expect(made.text).toContain('"bytes":9223372036854775807}');
  expect((await bench.api("POST", "/proxies/a/toxics", body("9223372036854775808"))).status).toBe(400);
});

test("toxicity is kept in single precision and shown in its shortest form", async () => {
  await make();
  const shown = async (toxicity: number) =>
    (await toxic({ type: "noop", name: `t${toxicity}`, toxicity })).json.toxicity;
  expect(await shown(0.1)).toBe(0.1);
  expect(await shown(0.123456789)).toBe(0.12345679);
  expect(await shown(16_777_217)).toBe(16_777_216);
});

test("a failed update keeps the attributes that were right, and not the toxicity", async () => {
  await make();
  await toxic({ type: "latency", name: "l", attributes: { latency: 1, jitter: 2 } });
  const update = await bench.api(
    "PATCH",
    "/proxies/a/toxics/l",
    '{"toxicity":0.5,"attributes":{"latency":5,"jitter":"x"}}',
  );
  expect(update.status).toBe(400);
  expect((await bench.api("GET", "/proxies/a/toxics/l")).json).toMatchObject({
    toxicity: 1,
    attributes: { latency: 5, jitter: 2 },
  });
});

test("reset enables every proxy and removes every toxic", async () => {
  await make({ enabled: false });
  await toxic({ type: "latency" });
  expect((await bench.api("POST", "/reset", "not json")).status).toBe(204);
  expect((await bench.api("GET", "/proxies/a")).json).toMatchObject({ enabled: true, toxics: [] });
});

test("reset stops at a port that cannot be opened, with the toxics in place", async () => {
  const busy = await busyPort();
  await make({ enabled: false, listen: busy.address });
  await toxic({ type: "latency" });
  expect((await bench.api("POST", "/reset")).status).toBe(500);
  expect((await bench.api("GET", "/proxies/a")).json.toxics).toHaveLength(1);
  busy.free();
});

test("populate keeps what is the same, replaces what differs, and says what it had made when it fails", async () => {
  const { listen } = (await make()).json;
  await toxic({ type: "latency" });
  const entry = { name: "a", listen, upstream: UP };
  const same = await bench.api("POST", "/populate", [{ ...entry, enabled: false }]);
  expect(same.status).toBe(201);
  expect(same.json.proxies[0]).toMatchObject({ enabled: true, toxics: [{ name: "latency_downstream" }] });
  const other = await bench.api("POST", "/populate", [{ ...entry, upstream: "127.0.0.1:10" }]);
  expect(other.json.proxies[0]).toMatchObject({ listen, upstream: "127.0.0.1:10", toxics: [] });
  const failing = await bench.api("POST", "/populate", [
    { name: "b", listen: "127.0.0.1:0", upstream: UP },
    { name: "c", listen, upstream: UP },
  ]);
  expect(failing.status).toBe(500);
  expect(failing.json.proxies.map((each: { name: string }) => each.name)).toEqual(["b"]);
  expect((await bench.api("POST", "/populate", [])).json).toEqual({ proxies: null });
  expect((await bench.api("POST", "/populate", [entry, {}])).json).toMatchObject({
    error: "missing required field: name at proxy 2",
    proxies: null,
  });
});

test("browsers are refused, but only where there is something", async () => {
  const status = async (path: string, agent: string) =>
    (await fetch(bench.server.url + path, { headers: { "user-agent": agent } })).status;
  expect(await status("/proxies", "Mozilla/5.0 (X11)")).toBe(403);
  expect(await status("/nope", "Mozilla/5.0 (X11)")).toBe(404);
  expect(await status("/proxies", "mozilla/5.0")).toBe(200);
});

test("/metrics counts bytes under the names of the real server, and connections under ours", async () => {
  const { c, proxy, s, up } = await bench.line(() => {});
  c.socket.write("question");
  await s.got(8);
  s.socket.write("answer");
  await c.got(6);
  const { text } = await bench.api("GET", "/metrics");
  const labels = `listener="${proxy.address}",proxy="${proxy.name}",upstream="${up.address}"`;
  expect(text).toContain(`toxiproxy_proxy_received_bytes_total{direction="upstream",${labels}} 8\n`);
  expect(text).toContain(`toxiproxy_proxy_sent_bytes_total{direction="downstream",${labels}} 6\n`);
  expect(text).toContain(`faultline_proxy_connections_open{${labels}} 1\n`);
});
