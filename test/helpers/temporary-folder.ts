import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** All temporary files of a test run go into one folder, which is gone when it ends. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "faultline-tests-"));
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
