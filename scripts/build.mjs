// `npm run build`: src/ → dist/, unless dist/ was made from these very sources.
import { spawnSync } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BUILT_FROM, builtFrom, sourceHash } from "./source-hash.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const hash = await sourceHash();
if ((await builtFrom()) !== hash) {
  // What is left of a file that has gone would still be packed, and found by tests.
  await rm(join(root, "dist"), { recursive: true, force: true });
  const tsc = join(root, "node_modules", ".bin", "tsc");
  run(tsc, "-p", "tsconfig.build.json");
  run(tsc, "-p", "tsconfig.browser.json");
  run(process.execPath, join("scripts", "bundle-libraries.mjs"));
  run(process.execPath, join("scripts", "bundle-command-line.mjs"));
  await writeFile(BUILT_FROM, `${hash}\n`);
}

function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
