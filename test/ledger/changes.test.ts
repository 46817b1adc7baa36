import { createHash } from "node:crypto";
import { mkdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { changesSince } from "../../src/ledger/changes.js";
import { lockFilesAround } from "../../src/ledger/hashed-files.js";
import { temporaryFolder } from "../helpers/faultline.js";
import { ledgerLine } from "../helpers/ledger-lines.js";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

async function repository() {
  const root = await temporaryFolder();
  await mkdir(join(root, "services/shop"), { recursive: true });
  await mkdir(join(root, "chaos"));
  const files = {
    "package-lock.json": "{}",
    "services/shop/go.sum": "a v1",
    "chaos/checkout.yaml": "faultline: 1",
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text);
  const lockFiles = [
    ...(await lockFilesAround([root, join(root, "chaos"), join(root, "services/shop")], root)),
  ];
  const sources = [{ file: "chaos/checkout.yaml", sha256: sha256("faultline: 1") }];
  return { root, line: ledgerLine({ lockFiles, sources }) };
}

test("lock files are found beside services and above them, up to the root", async () => {
  const { line } = await repository();
  expect(line.lockFiles).toEqual([
    { file: "package-lock.json", sha256: sha256("{}") },
    { file: join("services", "shop", "go.sum"), sha256: sha256("a v1") },
  ]);
});

test("a folder outside of the root gives its own lock files alone", async () => {
  const [root, other] = [await temporaryFolder(), await temporaryFolder()];
  await writeFile(join(other, "Cargo.lock"), "");
  expect((await lockFilesAround([other], root)).map(({ file }) => file)).toEqual([
    expect.stringMatching(/^\.\..*Cargo\.lock$/),
  ]);
});

test("content counts, not the time of the last write", async () => {
  const { root, line } = await repository();
  const later = new Date(Date.now() + 3_600_000);
  await utimes(join(root, "package-lock.json"), later, later);
  await writeFile(join(root, "chaos/checkout.yaml"), "faultline: 1");
  expect(await changesSince(line, root)).toEqual([]);
});

test("what is changed, gone or new is told by its name", async () => {
  const { root, line } = await repository();
  await writeFile(join(root, "services/shop/go.sum"), "a v2");
  await rm(join(root, "chaos/checkout.yaml"));
  await writeFile(join(root, "chaos/poetry.lock"), "");
  expect(await changesSince(line, root)).toEqual([
    { file: "chaos/checkout.yaml", kind: "gone", of: "scenario" },
    { file: join("services", "shop", "go.sum"), kind: "changed", of: "lock_file" },
    { file: join("chaos", "poetry.lock"), kind: "new", of: "lock_file" },
  ]);
});
