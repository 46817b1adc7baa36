// Uses up all file descriptors of its process and prints what then goes by files: the clock, and whether a halt is ordered.
import { closeSync, openSync } from "node:fs";
import { readHalt } from "../../dist/run/listening/halt-order.js";
import { msSinceBoot } from "../../dist/run/safety/boot-clock.js";

const [folder] = process.argv.slice(2);
const beforeMs = msSinceBoot();
const held = [];
try {
  for (;;) held.push(openSync(folder, "r"));
} catch (error) {
  const found = { code: error.code, sinceMs: msSinceBoot() - beforeMs, halt: readHalt(folder) };
  for (const descriptor of held) closeSync(descriptor);
  console.log(JSON.stringify({ ...found, laterMs: msSinceBoot() - beforeMs }));
}
