import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { currentCommit, repositoryRoot } from "../../src/ledger/repository.js";
import { temporaryFolder } from "../helpers/faultline.js";

const run = promisify(execFile);

test("the commit is that of the repository, and null before the first one", async () => {
  const folder = await temporaryFolder();
  await run("git", ["init", "-q", folder]);
  await mkdir(join(folder, "chaos"));
  const root = await repositoryRoot(join(folder, "chaos"));
  expect(root).toBe(folder);
  expect(await currentCommit(root, process.env)).toBeNull();
  const author = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
  await run("git", ["-C", folder, ...author, "commit", "-q", "--allow-empty", "-m", "first"]);
  const { stdout } = await run("git", ["-C", folder, "rev-parse", "HEAD"]);
  const { GITHUB_SHA: _, GIT_COMMIT: __, ...env } = process.env;
  expect(await currentCommit(root, env)).toBe(stdout.trim());
});

test("a CI server's word goes before git's, when it is a commit", async () => {
  expect(await currentCommit(null, { CI_COMMIT_SHA: "ABCDEF1234" })).toBe("abcdef1234");
  expect(await currentCommit(null, { GIT_COMMIT: "main", GITHUB_SHA: "abcdef1" })).toBe("abcdef1");
  expect(await currentCommit(null, { GIT_COMMIT: "$(whoami)" })).toBeNull();
});

test("a machine without git does not know the commit", async () => {
  const folder = await temporaryFolder();
  expect(await currentCommit(folder, { PATH: folder })).toBeNull();
});
