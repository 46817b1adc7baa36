import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { UndoEntry } from "../../../../src/faults/undo-entry.js";
import { pickFreePort } from "../../../../src/run/reach/local-port.js";
import { healRun, previewHealing } from "../../../../src/run/safety/heal/heal.js";
import { healAll } from "../../../../src/run/safety/heal/heal-all.js";
import { Journal, listJournals } from "../../../../src/run/safety/journal.js";
import { fakeToxiproxy, listedProxy, undosOf } from "../../../helpers/fake-toxiproxy.js";
import { deadRun, stateFolder } from "../../../helpers/runs.js";

/** A journal of a dead run that lists these. */
function journalOf(folder: string, entries: readonly UndoEntry[]): string {
  const journal = Journal.create(folder, deadRun());
  for (const entry of entries) journal.undoable(entry);
  journal.leave();
  return journal.path;
}

test("what cannot be reverted keeps the journal, and a later attempt finishes it", async () => {
  const folder = stateFolder();
  const server = await fakeToxiproxy({ cache: { upstream: "127.0.0.1:2", enabled: true, toxics: [] } });
  const path = journalOf(folder, undosOf(server.url, "cache", "127.0.0.1:2"));
  server.hang = true;
  const first = await healRun(folder, path);
  expect(first.failures.join()).toContain('proxy "cache"');
  expect((await previewHealing(path)).failures.join()).toContain('proxy "cache"');
  expect(listJournals(folder)).toHaveLength(1);
  server.hang = false;
  expect((await previewHealing(path)).did).toEqual([`delete proxy "cache" of ${server.url}`]);
  expect(Object.keys(server.proxies)).toEqual(["cache"]);
  const second = await healRun(folder, path);
  expect(second).toMatchObject({ did: [`delete proxy "cache" of ${server.url}`], failures: [] });
  expect(server.proxies).toEqual({});
  expect(readdirSync(join(folder, "runs"))).toEqual([]);
});

test("where a toxic cannot be removed from a proxy that was there, the proxy is replaced by one without it", async () => {
  const folder = stateFolder();
  const cache = { upstream: "127.0.0.1:2", enabled: true, toxics: ["theirs", "ours"] };
  const server = await fakeToxiproxy({ cache });
  server.hangOnToxics = true;
  const found = listedProxy("cache", { ...cache, toxics: ["theirs"] });
  const path = journalOf(folder, undosOf(server.url, "cache", "127.0.0.1:2", { found, toxics: ["ours"] }));
  expect(await healRun(folder, path)).toMatchObject({
    did: [`remove toxic "ours" from proxy "cache" of ${server.url}`],
    failures: [],
  });
  expect(server.proxies).toEqual({ cache: { ...cache, toxics: ["theirs"] } });
  expect(server.changes).toContain("DELETE /proxies/cache");
});

test("on a server that is asleep nothing is replaced; what it does when it wakes is put right by the next attempt", async () => {
  const folder = stateFolder();
  const cache = { upstream: "127.0.0.1:2", enabled: true, toxics: ["theirs", "ours"] };
  const server = await fakeToxiproxy({ cache });
  const found = listedProxy("cache", { ...cache, toxics: ["theirs"] });
  const path = journalOf(folder, undosOf(server.url, "cache", "127.0.0.1:2", { found, toxics: ["ours"] }));
  server.asleep = true;
  expect((await healRun(folder, path)).failures.join()).toContain("no answer within 2 s");
  await server.wake();
  expect(server.changes).toEqual([]);
  // As after a run that had asked for it and died before the answer.
  server.proxies = {};
  expect(await healRun(folder, path)).toMatchObject({
    did: [
      `make proxy "cache" of ${server.url} again, as it was found`,
      `add toxic "theirs" to proxy "cache" of ${server.url} again`,
      `enable proxy "cache" of ${server.url} again`,
    ],
    failures: [],
  });
  expect(server.proxies).toEqual({ cache: { ...cache, toxics: ["theirs"] } });
});

test("a call of the dead run that the server carries out late is undone, too", async () => {
  const folder = stateFolder();
  const server = await fakeToxiproxy({});
  const path = journalOf(folder, undosOf(server.url, "cache", "127.0.0.1:2"));
  // What the run had asked for arrives while the healing is looking.
  const late = setTimeout(() => {
    server.proxies.cache = { upstream: "127.0.0.1:2", enabled: true, toxics: [] };
  }, 100);
  expect((await healRun(folder, path)).failures).toEqual([]);
  clearTimeout(late);
  expect(server.proxies).toEqual({});
});

test("a proxy that was half made again is finished; a toxic that its owner removed meanwhile stays removed", async () => {
  const folder = stateFolder();
  const cache = { upstream: "127.0.0.1:2", enabled: true, toxics: ["theirs"] };
  const found = listedProxy("cache", cache);
  for (const [now, then] of [
    [{ ...cache, enabled: false, toxics: [] }, cache],
    [
      { ...cache, toxics: [] },
      { ...cache, toxics: [] },
    ],
  ] as const) {
    const server = await fakeToxiproxy({ cache: { ...now, toxics: [] } });
    const path = journalOf(folder, undosOf(server.url, "cache", "127.0.0.1:2", { found }));
    expect((await healRun(folder, path)).failures).toEqual([]);
    expect(server.proxies).toEqual({ cache: then });
  }
});

test.each([
  ["answers with something else", "garbage", /garbage|does not answer as a Toxiproxy does/],
  ["has nothing but 404 for everything", "foreign", /does not answer as a Toxiproxy does/],
] as const)("a server that %s says nothing of what is left", async (_, how, why) => {
  const folder = stateFolder();
  const server = await fakeToxiproxy({});
  server[how] = true;
  const path = journalOf(folder, undosOf(server.url, "cache", "127.0.0.1:2"));
  expect((await healRun(folder, path)).failures.join()).toMatch(why);
  expect(listJournals(folder)).toHaveLength(1);
});

test("where nothing listens, a tunnel may be gone and the fault still there: the journal stays", async () => {
  const folder = stateFolder();
  const url = `http://127.0.0.1:${await pickFreePort()}`;
  const path = journalOf(folder, undosOf(url, "cache", "127.0.0.1:2"));
  expect((await healRun(folder, path)).failures.join()).toMatch(/proxy "cache" of .*ECONNREFUSED/);
  expect(listJournals(folder)).toHaveLength(1);
});

test("a server behind a path is healed at that path", async () => {
  const folder = stateFolder();
  const server = await fakeToxiproxy({ cache: { upstream: "127.0.0.1:2", enabled: true, toxics: [] } });
  const front = createServer(({ url = "", method }, response) => {
    if (!url.startsWith("/toxi/")) return void response.writeHead(404).end("not found");
    request(new URL(url.slice(5), server.url), { method }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    }).end();
  }).listen(0, "127.0.0.1");
  await once(front, "listening");
  onTestFinished(() => void front.close());
  const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}/toxi`;
  const path = journalOf(folder, undosOf(url, "cache", "127.0.0.1:2"));
  expect((await healRun(folder, path)).failures).toEqual([]);
  expect(server.proxies).toEqual({});
});

test("what a driver of another version wrote is no reason to leave the rest", async () => {
  const folder = stateFolder();
  const server = await fakeToxiproxy({ cache: { upstream: "127.0.0.1:2", enabled: true, toxics: [] } });
  const path = journalOf(folder, [
    { driver: "clock", undo: { skewMs: 5 }, text: "the clock of shop" },
    { driver: "toxiproxy", undo: { kind: "proxy" }, text: "proxy ?" },
    ...undosOf(server.url, "cache", "127.0.0.1:2"),
  ]);
  expect((await healRun(folder, path)).failures).toEqual([
    'the clock of shop: this version of faultline has no driver "clock"',
    "proxy ?: how to undo it cannot be read",
  ]);
  expect(server.proxies).toEqual({});
  expect(listJournals(folder)).toHaveLength(1);
});

test("several that undo the same run at once wait for one another, and the deed is done once", async () => {
  const folder = stateFolder();
  const server = await fakeToxiproxy({ cache: { upstream: "127.0.0.1:2", enabled: true, toxics: [] } });
  const path = journalOf(folder, undosOf(server.url, "cache", "127.0.0.1:2"));
  const healings = await Promise.all([1, 2, 3].map(() => healRun(folder, path)));
  expect(healings.flatMap((healing) => healing.did)).toEqual([`delete proxy "cache" of ${server.url}`]);
  expect(healings.flatMap((healing) => healing.failures)).toEqual([]);
  expect(readdirSync(join(folder, "runs"))).toEqual([]);
});

test("unfinished report files are removed, finished and foreign ones stay", async () => {
  const folder = stateFolder();
  const reports = mkdtempSync(join(tmpdir(), "faultline-reports-"));
  const unfinished = ".record.json.1b4e28ba-2fa1-41d2-883f-0016d3cca427.part";
  for (const name of [unfinished, "record.json", ".hidden", "other.part"])
    writeFileSync(join(reports, name), "x");
  const journal = Journal.create(folder, deadRun());
  journal.reportsWritten({ folder: reports, isNew: true });
  journal.reportsWritten({ folder: join(reports, "never made"), isNew: true });
  journal.leave();
  expect((await healRun(folder, journal.path)).failures).toEqual([]);
  expect(readdirSync(reports).sort()).toEqual([".hidden", "other.part", "record.json"]);
});

test("torn lines do no harm, an empty journal stays and says what to do", async () => {
  const folder = stateFolder();
  const journal = Journal.create(folder, deadRun());
  journal.leave();
  writeFileSync(journal.path, `${JSON.stringify(deadRun())}\n{"entry":"undo","dri\n\n{"entry":"service-star`);
  expect((await healRun(folder, journal.path)).failures).toEqual([]);
  const empty = join(folder, "runs", "x.jsonl");
  writeFileSync(empty, "");
  expect((await healRun(folder, empty)).failures.join()).toMatch(
    /its first line is not complete\. Delete it when/,
  );
  expect(existsSync(empty)).toBe(true);
});

test.each([
  ["{}", /it does not begin as a journal does/],
  ["null", /it does not begin as a journal does/],
  [JSON.stringify({ ...deadRun(), runner: {} }), /it does not begin as a journal does/],
  [JSON.stringify({ ...deadRun(), claims: [5] }), /it does not begin as a journal does/],
  [JSON.stringify({ ...deadRun(), formatVersion: 99 }), /another version of faultline wrote it \(format 99/],
  [
    `${JSON.stringify(deadRun())}\n{"entry":"service-started","service":"shop"}\n`,
    /line 2 of .* does not say/,
  ],
  [
    `${JSON.stringify(deadRun())}\n{"entry":"service-started","service":"s","group":{"pid":-1,"start":null,"marker":"r/s"},"stopGraceMs":0}\n`,
    /line 2 of .* does not say/,
  ],
])("a journal that is incomplete is a matter for its owner, not a crash: %s", async (text, why) => {
  const folder = stateFolder();
  const path = journalOf(folder, []);
  writeFileSync(path, text);
  const lines: string[] = [];
  for (const dryRun of [true, false]) {
    expect(await healAll(folder, { dryRun, onLine: (line) => lines.push(line) })).toBe("left");
    expect(lines.splice(0).join()).toMatch(why);
  }
  expect(existsSync(path)).toBe(true);
});

test("a report folder that the run made is removed when nothing is in it; one of the user's own stays", async () => {
  const folder = stateFolder();
  const reports = mkdtempSync(join(tmpdir(), "faultline-reports-"));
  const theirs = mkdtempSync(join(tmpdir(), "faultline-reports-"));
  const journal = Journal.create(folder, deadRun());
  journal.reportsWritten({ folder: reports, isNew: true });
  journal.reportsWritten({ folder: theirs, isNew: false });
  journal.leave();
  const did = [`remove the empty folder ${reports}`];
  expect((await previewHealing(journal.path)).did).toEqual(did);
  expect((await healRun(folder, journal.path)).did).toEqual(did);
  expect([existsSync(reports), existsSync(theirs)]).toEqual([false, true]);
});
