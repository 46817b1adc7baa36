import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { healRun } from "../../src/run/safety/heal/heal.js";
import { Journal } from "../../src/run/safety/journal.js";
import { exclusively } from "../../src/run/safety/state-mutex.js";
import { fakeToxiproxy, undosOf } from "../helpers/fake-toxiproxy.js";
import { canMount } from "../helpers/kill/surroundings.js";
import { deadRun } from "../helpers/runs.js";

/** A state folder on a small disk of its own. */
function smallDisk() {
  const at = mkdtempSync(join(tmpdir(), "faultline-disk-"));
  spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", at]);
  onTestFinished(() => void spawnSync("umount", [at]));
  const folder = join(at, "state");
  mkdirSync(folder, { mode: 0o700 });
  const fill = () => {
    for (const size of [4096, 1]) {
      for (let file = 0; ; file += 1) {
        try {
          writeFileSync(join(at, `ballast-${size}-${file}`), Buffer.alloc(size));
        } catch {
          break;
        }
      }
    }
  };
  const readOnly = () => void spawnSync("mount", ["-o", "remount,ro", at]);
  return { folder, fill, readOnly };
}

const skipped = canMount ? "" : " (skipped: it takes root, to mount a small disk)";

test.runIf(canMount)(`healing needs no free block on the disk of the state folder${skipped}`, async () => {
  const { folder, fill } = smallDisk();
  const server = await fakeToxiproxy({ cache: { upstream: "127.0.0.1:2", enabled: true, toxics: [] } });
  const journal = Journal.create(folder, deadRun());
  for (const entry of undosOf(server.url, "cache", "127.0.0.1:2")) journal.undoable(entry);
  journal.leave();
  fill();
  expect(() => writeFileSync(join(folder, "one more byte"), "x")).toThrow(/ENOSPC/);
  expect(await exclusively(folder, () => "done")).toBe("done");
  expect((await healRun(folder, journal.path)).failures).toEqual([]);
  expect(server.proxies).toEqual({});
  expect(readdirSync(join(folder, "runs"))).toEqual([]);
});

test.runIf(canMount)(
  `where the disk became read-only all is undone, and that the journal stays is said${skipped}`,
  async () => {
    const { folder, readOnly } = smallDisk();
    const server = await fakeToxiproxy({ cache: { upstream: "127.0.0.1:2", enabled: true, toxics: [] } });
    const journal = Journal.create(folder, deadRun());
    for (const entry of undosOf(server.url, "cache", "127.0.0.1:2")) journal.undoable(entry);
    journal.leave();
    readOnly();
    const healing = await healRun(folder, journal.path);
    expect(healing.did).toEqual([`delete proxy "cache" of ${server.url}`]);
    expect(healing.failures).toEqual([expect.stringMatching(/^remove the journal .*EROFS/)]);
    expect(server.proxies).toEqual({});
  },
);
