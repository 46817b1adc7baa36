import { readdir, readFile } from "node:fs/promises";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const src = join(root, "src");

/** Each room and those that it may import from, besides itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  support: [],
  slo: ["support"],
  scenario: ["support", "slo"],
  plan: ["support", "slo", "scenario"],
  measure: ["support", "slo", "scenario", "plan"],
  proxy: ["support", "slo", "scenario", "plan", "measure"],
  load: ["support", "slo", "scenario", "plan", "measure"],
  analysis: ["support", "slo", "scenario", "plan", "measure"],
  report: ["support", "slo", "scenario", "plan", "measure", "analysis"],
  run: ["support", "slo", "scenario", "plan", "measure", "proxy", "load", "analysis"],
  cli: ["support", "slo", "scenario", "plan", "measure", "proxy", "load", "analysis", "report", "run"],
};

/** Packages that only some rooms may know. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  commander: ["cli"],
  ora: ["cli"],
  autocannon: ["load"],
  "toxiproxy-node-client": ["proxy"],
  yaml: ["scenario"],
};

interface Import {
  readonly from: string;
  readonly to: string;
}

async function imports(): Promise<Import[]> {
  const found: Import[] = [];
  for (const entry of await readdir(src, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
    const file = join(entry.parentPath, entry.name);
    const text = await readFile(file, "utf8");
    for (const match of text.matchAll(/^(?:import|export)\b[^;]*?from "([^"]+)"|import\("([^"]+)"\)/gm)) {
      const to = match[1] ?? match[2] ?? "";
      found.push({
        from: relative(src, file),
        to: to.startsWith(".") ? relative(src, normalize(join(dirname(file), to))) : to,
      });
    }
  }
  return found;
}

const room = (path: string) => path.split("/")[0] ?? "";

test("imports between the rooms point one way only", async () => {
  const all = await imports();
  expect(all.length).toBeGreaterThan(50);
  const wrong = all
    .filter(({ from, to }) => !to.startsWith("node:") && room(to) in ALLOWED && room(from) !== room(to))
    .filter(({ from, to }) => !ALLOWED[room(from)]?.includes(room(to)))
    .map(({ from, to }) => `${from} imports ${to}`);
  expect(wrong).toEqual([]);
});

test("the fault plane and the load plane do not know each other", async () => {
  const wrong = (await imports()).filter(
    ({ from, to }) =>
      (room(from) === "proxy" && room(to) === "load") || (room(from) === "load" && room(to) === "proxy"),
  );
  expect(wrong).toEqual([]);
});

test("a package is known only to the room that owns it", async () => {
  const wrong = (await imports())
    .filter(({ from, to }) => PACKAGES[to] && !PACKAGES[to].includes(room(from)))
    .map(({ from, to }) => `${from} imports ${to}`);
  expect(wrong).toEqual([]);
});

test("only the command line ends the process", async () => {
  const wrong: string[] = [];
  for (const entry of await readdir(src, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const name = relative(src, file);
    // Processes and threads of their own have an end of their own.
    if (room(name) === "cli" || /(watchdog|worker|thread)[^/]*\.ts$/.test(name)) continue;
    if (/process\.exit\(/.test(await readFile(file, "utf8"))) wrong.push(name);
  }
  expect(wrong).toEqual([]);
});
