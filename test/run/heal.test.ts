import { existsSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { healRun, previewHealing } from "../../src/run/heal.js";
import { Journal, listJournals } from "../../src/run/journal.js";
import { pickFreePort } from "../../src/run/local-port.js";
import { fakeToxiproxy } from "../helpers/fake-toxiproxy.js";
import { deadRun, stateFolder } from "../helpers/runs.js";

test("what cannot be reverted keeps the journal, and a later attempt finishes it", async () => {
  const folder = stateFolder();
  const server = await fakeToxiproxy({ cache: { upstream: "127.0.0.1:2", enabled: true, toxics: [] } });
  const journal = Journal.create(folder, deadRun());
  journal.proxyTouched({ url: server.url, proxy: "cache", upstream: "127.0.0.1:2", found: null });
  journal.leave();
  server.hang = true;
  const first = await healRun(folder, journal.path);
  expect(first.failures.join()).toContain('proxy "cache"');
  expect(listJournals(folder)).toHaveLength(1);
  server.hang = false;
  expect((await previewHealing(journal.path)).did).toEqual([`delete proxy "cache" of ${server.url}`]);
  expect(Object.keys(server.proxies)).toEqual(["cache"]);
  const second = await healRun(folder, journal.path);
  expect(second).toMatchObject({ did: [`delete proxy "cache" of ${server.url}`], failures: [] });
  expect(server.proxies).toEqual({});
  expect(readdirSync(join(folder, "runs"))).toEqual([]);
});

test("where a toxic cannot be removed from a proxy that was there, the proxy is replaced by one without it", async () => {
  const folder = stateFolder();
  const server = await fakeToxiproxy({
    cache: { upstream: "127.0.0.1:2", enabled: true, toxics: ["theirs", "ours"] },
  });
  server.hangOnToxics = true;
  const journal = Journal.create(folder, deadRun());
  const { url } = server;
  journal.proxyTouched({ url, proxy: "cache", upstream: "127.0.0.1:2", found: { enabled: true } });
  journal.toxicsAdded({ url, proxy: "cache", toxics: ["ours"] });
  journal.leave();
  expect((await healRun(folder, journal.path)).did).toEqual([
    `replace proxy "cache" of ${url} by one without ours`,
  ]);
  expect(server.proxies).toEqual({ cache: { upstream: "127.0.0.1:2", enabled: true, toxics: ["theirs"] } });
});

test("a server that answers with something else is a failure, not a crash", async () => {
  const folder = stateFolder();
  const server = await fakeToxiproxy({});
  server.garbage = true;
  const journal = Journal.create(folder, deadRun());
  journal.proxyTouched({ url: server.url, proxy: "cache", upstream: "127.0.0.1:2", found: null });
  journal.leave();
  expect((await healRun(folder, journal.path)).failures.join()).toMatch(/proxy "cache" .*JSON/);
  expect(listJournals(folder)).toHaveLength(1);
});

test("a server that is gone has nothing left to revert", async () => {
  const folder = stateFolder();
  const journal = Journal.create(folder, deadRun());
  const url = `http://127.0.0.1:${await pickFreePort()}`;
  journal.proxyTouched({ url, proxy: "cache", upstream: "127.0.0.1:2", found: null });
  journal.leave();
  expect((await healRun(folder, journal.path)).failures).toEqual([]);
});

test("several that undo the same run at once wait for one another, and the deed is done once", async () => {
  const folder = stateFolder();
  const server = await fakeToxiproxy({ cache: { upstream: "127.0.0.1:2", enabled: true, toxics: [] } });
  const journal = Journal.create(folder, deadRun());
  journal.proxyTouched({ url: server.url, proxy: "cache", upstream: "127.0.0.1:2", found: null });
  journal.leave();
  const healings = await Promise.all([1, 2, 3].map(() => healRun(folder, journal.path)));
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
  journal.reportsWritten(reports);
  journal.reportsWritten(join(reports, "never made"));
  journal.leave();
  expect((await healRun(folder, journal.path)).failures).toEqual([]);
  expect(readdirSync(reports).sort()).toEqual([".hidden", "other.part", "record.json"]);
});

test("a torn last line and an empty journal do no harm", async () => {
  const folder = stateFolder();
  const journal = Journal.create(folder, deadRun());
  journal.leave();
  writeFileSync(journal.path, `${JSON.stringify(deadRun())}\n{"entry":"service-star`);
  expect((await healRun(folder, journal.path)).failures).toEqual([]);
  const empty = join(folder, "runs", "x.jsonl");
  writeFileSync(empty, "");
  expect((await healRun(folder, empty)).failures.join()).toContain("not a journal");
  expect(existsSync(empty)).toBe(true);
});

test("a run's report folder with nothing in it is removed", async () => {
  const folder = stateFolder();
  const reports = mkdtempSync(join(tmpdir(), "faultline-reports-"));
  const journal = Journal.create(folder, deadRun());
  journal.reportsWritten(reports);
  journal.leave();
  const did = [`remove the empty folder ${reports}`];
  expect((await previewHealing(journal.path)).did).toEqual(did);
  expect((await healRun(folder, journal.path)).did).toEqual(did);
  expect(existsSync(reports)).toBe(false);
});
