import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const NAME = "faultline-tests-";

/**
 * All temporary files of a test run go into one folder, which is gone when it ends. Each project calls this: a folder in a
 * folder in a folder would make paths of sockets too long for the system.
 */
export default function setup(): () => void {
  const parent = realpathSync(tmpdir());
  if (basename(parent).startsWith(NAME)) return () => {};
  const folder = mkdtempSync(join(parent, NAME));
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
