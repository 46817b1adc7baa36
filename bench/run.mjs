// npm run bench -- NAME [options]: runs bench/NAME.mjs; without a name lists what there is.
import { readdir } from "node:fs/promises";

const [name, ...rest] = process.argv.slice(2);
const here = new URL("./", import.meta.url);
const names = (await readdir(here))
  .filter((file) => file.endsWith(".mjs") && file !== "run.mjs")
  .map((file) => file.slice(0, -4));
if (!name || !names.includes(name)) {
  process.stdout.write(`usage: npm run bench -- NAME [options]\nbenchmarks: ${names.join(", ")}\n`);
  process.exitCode = name ? 2 : 0;
} else {
  process.argv.splice(2, process.argv.length, ...rest);
  await import(new URL(`${name}.mjs`, here).href);
}
