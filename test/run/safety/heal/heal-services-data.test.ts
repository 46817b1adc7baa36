import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { healRun, previewHealing } from "../../../../src/run/safety/heal/heal.js";
import { Journal } from "../../../../src/run/safety/journal.js";
import { newRunFolder } from "../../../../src/run/services/run-folder.js";
import { deadRun, stateFolder } from "../../../helpers/runs.js";
import { serviceSpec } from "../../../helpers/service-spec.js";

/** The journal of a dead run. */
function journal(write: (journal: Journal) => void): { readonly folder: string; readonly path: string } {
  const folder = stateFolder();
  const made = Journal.create(folder, deadRun());
  write(made);
  made.leave();
  return { folder, path: made.path };
}

const shellService = (name: string, cleanup: readonly string[], env = {}) =>
  serviceSpec(["true"], {
    name,
    shell: true,
    env,
    cwd: mkdtempSync(join(tmpdir(), "faultline-heal-")),
    cleanup: cleanup.map((command) => [command]),
  });

test("the cleanup of a dead run's services is run in reverse, where and as they ran", async () => {
  const log = join(mkdtempSync(join(tmpdir(), "faultline-heal-")), "log");
  const write = (words: string) => `echo ${words} >> ${log}`;
  const { folder, path } = journal((each) => {
    each.cleanupNeeded(shellService("db", [write("db $NAME"), write("db again")], { NAME: "orders" }), null);
    each.cleanupNeeded(shellService("done", [write("done")]), null);
    each.cleanupDone("done");
    each.cleanupNeeded(shellService("shop", [write("shop in $(ls | wc -l)")]), null);
  });
  const all = ['run the cleanup of service "shop"', 'run the cleanup of service "db"'];
  expect(await previewHealing(path)).toMatchObject({ did: all, failures: [] });
  expect(existsSync(log)).toBe(false);
  expect(await healRun(folder, path)).toMatchObject({ did: all, failures: [] });
  expect(readFileSync(log, "utf8").replaceAll(/ +/g, " ")).toBe("shop in 0\ndb orders\ndb again\n");
  expect(existsSync(path)).toBe(false);
});

test("a service that was not trusted with the environment is not trusted with it later", async () => {
  const log = join(mkdtempSync(join(tmpdir(), "faultline-heal-")), "log");
  process.env.FAULTLINE_TEST_WORD = "hunter2";
  const { folder, path } = journal((each) => {
    const command = `echo "[$FAULTLINE_TEST_WORD]" >> ${log}`;
    each.cleanupNeeded(shellService("open", [command]), null);
    each.cleanupNeeded(shellService("closed", [command]), []);
  });
  await healRun(folder, path);
  delete process.env.FAULTLINE_TEST_WORD;
  expect(readFileSync(log, "utf8")).toBe("[]\n[hunter2]\n");
});

test("a cleanup that fails keeps the journal, without the command or what it printed", async () => {
  const { folder, path } = journal((each) =>
    each.cleanupNeeded(shellService("db", ["true", "echo hunter2; exit 7"]), null),
  );
  const { did, failures } = await healRun(folder, path);
  expect({ did, failures }).toEqual({
    did: [],
    failures: ['cleanup command 2 of service "db" exited with code 7'],
  });
  expect(existsSync(path)).toBe(true);
});

test("a run's folder is removed with all that is in it, and not what links in it lead to", async () => {
  const [made, never] = [newRunFolder(), newRunFolder()];
  const outside = mkdtempSync(join(tmpdir(), "faultline-heal-"));
  writeFileSync(join(outside, "keep"), "");
  mkdirSync(join(made, "db", "base"), { recursive: true });
  symlinkSync(outside, join(made, "db", "link"));
  const { folder, path } = journal((each) => {
    each.runFolder(made);
    each.runFolder(never);
  });
  expect((await previewHealing(path)).did).toEqual([`remove ${made}`]);
  expect(existsSync(made)).toBe(true);
  expect(await healRun(folder, path)).toMatchObject({ did: [`remove ${made}`], failures: [] });
  expect(existsSync(made)).toBe(false);
  expect(existsSync(join(outside, "keep"))).toBe(true);
});

test("a folder that no run would make is not removed", async () => {
  const other = mkdtempSync(join(tmpdir(), "faultline-heal-"));
  const { folder, path } = journal((each) => each.runFolder(other));
  const { failures } = await healRun(folder, path);
  expect(failures).toEqual([`${other} does not look like a folder that a run has made; it stays`]);
  expect(existsSync(other)).toBe(true);
});
