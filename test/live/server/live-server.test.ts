import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { PageAddress } from "../../../src/live/listen-address.js";
import { Broadcast } from "../../../src/live/server/broadcast.js";
import { LiveServer, type Served } from "../../../src/live/server/live-server.js";
import { MOST_WAITING_BYTES } from "../../../src/live/server/watchers.js";
import type { LiveMessage, PageRequest } from "../../../src/live/watch/live-model.js";
import { RunFeed } from "../../../src/live/watch/run-feed.js";

const LOOPBACK: PageAddress = { host: "127.0.0.1", port: 0 };

async function open(address = LOOPBACK) {
  const broadcast = new Broadcast();
  const feed = new RunFeed(1, "Shop");
  const heard: [string, PageRequest][] = [];
  const taken = (what: string) => (asked: PageRequest) => {
    heard.push([what, asked]);
    return null;
  };
  const served: Served = {
    page: (key) => `<p>${key}</p>`,
    missed: (lastEventId) => broadcast.missed(lastEventId, () => feed.whole([])),
    report: (number) => (number === 1 ? "<p>the report</p>" : null),
    note: taken("note"),
    halt: taken("halt"),
  };
  const server = await LiveServer.open(address, served);
  onTestFinished(() => server.close(Buffer.from("event: over\ndata: {}\n\n"), 50));
  const tick = (text: string) => {
    feed.event({ atS: 1, kind: "note", text });
    server.watchers.send(broadcast.tick(feed.next([])));
  };
  return { server, broadcast, feed, heard, tick, url: new URL(server.url) };
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function ask(url: URL, path: string, { method = "GET", headers = {}, body }: Asked = {}) {
  const sent = request(new URL(path, url), { method, headers, agent: false });
  sent.end(body);
  const [answer] = (await once(sent, "response")) as [IncomingMessage]; // what the event carries
  let text = "";
  for await (const chunk of answer.setEncoding("utf8")) text += chunk;
  return { status: answer.statusCode, headers: answer.headers, text };
}

/** Follows the events; `messages` grows. */
async function watch(url: URL, lastEventId = "") {
  const headers = lastEventId === "" ? {} : { "last-event-id": lastEventId };
  const sent = request(new URL("events", url), { headers, agent: false });
  sent.end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage]; // what the event carries
  let text = "";
  answer.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  answer.on("error", () => {});
  onTestFinished(() => void sent.destroy());
  const messages = () =>
    [...text.matchAll(/^event: (\w+)\nid: (\S+)\ndata: (.*)\n\n/gm)].map(([, kind, id = "", data = ""]) => {
      const message: LiveMessage = JSON.parse(data);
      return { kind, id, texts: message.events.map((event) => event.text) };
    });
  return { messages, text: () => text, stop: () => sent.destroy() };
}

test("dozens of watchers are told the same, one who comes late all, and one who was away what it missed", async () => {
  const { server, tick, url } = await open();
  tick("before anybody came");
  const watchers = await Promise.all(Array.from({ length: 48 }, () => watch(url)));
  await expect.poll(() => server.watchers.count).toBe(48);
  tick("first");
  tick("second");
  const [one, ...others] = watchers;
  if (!one) throw new Error("nobody watches");
  await expect.poll(() => one.messages().length).toBe(3);
  expect(one.messages().map(({ kind, texts }) => [kind, ...texts])).toEqual([
    ["whole", "before anybody came"],
    ["tick", "first"],
    ["tick", "second"],
  ]);
  for (const other of others) await expect.poll(other.text).toBe(one.text());

  one.stop();
  await expect.poll(() => server.watchers.count).toBe(47);
  tick("while it was away");
  const back = await watch(url, one.messages().at(-1)?.id);
  await expect
    .poll(() => back.messages().map(({ kind, texts }) => [kind, ...texts]))
    .toEqual([["tick", "while it was away"]]);
  const late = await watch(url, "another-process-7");
  await expect
    .poll(() => late.messages()[0]?.texts)
    .toEqual(["before anybody came", "first", "second", "while it was away"]);
  expect(server.watchers.dropped).toBe(0);
});

test("a watcher who does not read is dropped, and never has more waiting than the limit", async () => {
  const { server, url } = await open();
  const socket = connect(Number(url.port), url.hostname);
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.pause();
  socket.write(`GET /events HTTP/1.1\r\nhost: ${url.host}\r\n\r\n`);
  const reader = await watch(url);
  await expect.poll(() => server.watchers.count).toBe(2);
  // The kernel takes some megabytes on the way.
  const line = Buffer.from(`: ${"x".repeat(MOST_WAITING_BYTES / 4)}\n\n`);
  for (let sent = 0; sent < 200 && server.watchers.dropped === 0; sent++) {
    const before = reader.text().length;
    server.watchers.send(line);
    await expect.poll(() => reader.text().length).toBeGreaterThanOrEqual(before + line.length);
  }
  expect(server.watchers.dropped).toBe(1);
  expect(server.watchers.count).toBe(1);
});

test("names of strangers and pages of other origins are refused; a link to the page is followed", async () => {
  const { url } = await open();
  const status = async (path: string, asked: Asked) => (await ask(url, path, asked)).status;
  expect(await status("", {})).toBe(200);
  for (const path of ["", "events", "report/1"]) {
    expect(await status(path, { headers: { host: "rebound.example:80" } })).toBe(403);
    expect(await status(path, { headers: { origin: "https://rebound.example" } })).toBe(403);
    expect(await status(path, { headers: { "sec-fetch-site": "cross-site" } })).toBe(403);
  }
  const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  expect(await status("", { headers: link })).toBe(200);
  expect(await status("nothing", {})).toBe(404);
  expect(await status("report/2", {})).toBe(404);
  const { headers } = await ask(url, "");
  expect(headers).toMatchObject({ "x-frame-options": "DENY", "referrer-policy": "no-referrer" });
});

test("only the page itself can write: with its key, from its own origin, in a body of sensible size", async () => {
  const { url, heard } = await open();
  const key = /<p>(\w+)<\/p>/.exec((await ask(url, "")).text)?.[1] ?? "";
  const own = { "x-faultline-key": key, origin: url.origin };
  const body = JSON.stringify({ by: "Ada ", text: "it\u001b[31m went\nred" });
  const post = async (path: string, headers: Readonly<Record<string, string>>, sent = body) =>
    (await ask(url, path, { method: "POST", headers, body: sent })).status;
  expect(await post("note", { origin: url.origin })).toBe(403);
  expect(await post("note", { ...own, "x-faultline-key": "guessed" })).toBe(403);
  expect(await post("halt", { ...own, origin: "http://127.0.0.1:1" })).toBe(403);
  expect(await post("note", own, "{}")).toBe(400);
  expect(await post("note", own, JSON.stringify({ by: "", text: "x".repeat(20_000) }))).toBe(400);
  expect(await ask(url, "note", { headers: own })).toMatchObject({ status: 404 });
  expect(heard).toEqual([]);
  expect(await post("note", own)).toBe(204);
  expect(await post("halt", own)).toBe(204);
  const taken = { by: "Ada", text: "it went red" };
  expect(heard).toEqual([
    ["note", taken],
    ["halt", taken],
  ]);
});

test("beyond loopback every path needs the token that the printed address has", async () => {
  const { url } = await open({ host: "0.0.0.0", port: 0 });
  expect(url.pathname).toMatch(/^\/[\da-f]{32}\/$/);
  const local = new URL(`http://127.0.0.1:${url.port}${url.pathname}`);
  expect((await ask(local, "")).status).toBe(200);
  expect((await ask(local, "report/1")).text).toBe("<p>the report</p>");
  for (const path of ["/", "/events", "/report/1", `/${"0".repeat(32)}/`]) {
    expect((await ask(local, path)).status).toBe(403);
  }
});

test("an address that cannot be listened on is a mistake of the command line", async () => {
  const { url } = await open();
  const taken = { host: "127.0.0.1", port: Number(url.port) };
  const refusal = open(taken).then(
    () => null,
    (error) => error,
  );
  expect(await refusal).toMatchObject({
    code: "USAGE",
    message: expect.stringContaining(`127.0.0.1:${url.port}`),
  });
});

test("the end waits for those who fetch the report, and not for those who do not", async () => {
  const quick = await open();
  const watcher = await watch(quick.url);
  const closing = quick.server.close(Buffer.from("event: over\ndata: {}\n\n"), 60_000);
  await expect.poll(watcher.text).toContain("event: over");
  expect((await ask(quick.url, "report/1")).text).toBe("<p>the report</p>");
  await closing;
  const slow = await open();
  await watch(slow.url);
  await slow.server.close(Buffer.from("event: over\ndata: {}\n\n"), 100);
  await expect(ask(slow.url, "")).rejects.toThrow();
});
