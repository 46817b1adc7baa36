// Part of `npm run build`: dist/cli/main.js and all that it imports → dist/command-line/, which is what bin/ runs. Node
// takes longer to find, open and link two hundred small files than `faultline validate` takes for its work. So the files
// that a command needs together stand in one here. What it imports lazily stays lazy.
// dist/ keeps its small files: the library, worker threads, the watchdog and tests name them.
// usage: node scripts/bundle-command-line.mjs [dist folder]
import { readFile } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const dist = resolve(process.argv[2] ?? fileURLToPath(new URL("../dist", import.meta.url)));
const folder = join(dist, "command-line");
const { dependencies } = JSON.parse(await readFile(join(dist, "..", "package.json"), "utf8"));

/** Name of a file in dist/command-line/ → the lazy imports that it holds, with what they import. A file before it goes first. */
const TOGETHER = {
  // Every command line.
  start: ["cli/main.js"],
  // `halt`, `note` and the like: what other terminals say to a run.
  listening: [
    "run/listening/add-note.js",
    "run/listening/note.js",
    "run/listening/halt-order.js",
    "run/safety/state-folder.js",
  ],
  // What `proxy` shares with others. It opens nothing else of theirs, and so takes half the memory.
  wire: [
    "faults/between/shared-read.js",
    "faults/between/upstream-socket.js",
    "faults/wire/protocol.js",
    "support/random.js",
  ],
  heal: ["run/safety/heal/heal-all.js"],
  // A scenario that is checked; `run` begins with it.
  check: [
    "scenario/read/find-scenarios.js",
    "app/check-file.js",
    "gameday/is-game-day.js",
    "scenario/diagnostics/diagnostic.js",
  ],
  // A record that is judged.
  judge: ["app/judge-again.js", "app/compare-saved.js", "app/past-histories.js"],
  // What is judged, as reports.
  report: [
    "report/parse-reporters.js",
    "report/fail-on.js",
    "report/terminal/terminal.js",
    "report/terminal/comparison-lines.js",
    "cli/output/let-through.js",
  ],
  run: ["cli/run-scenarios.js"],
};

const bundle = await rolldown({
  input: { main: join(dist, "cli", "main.js") },
  platform: "node",
  external: isOutside,
  // A file that one command imports lazily is no mistake when another needs it at once.
  checks: { ineffectiveDynamicImport: false },
  plugins: [{ name: "own-places", transform: ownPlace }],
});
await bundle.write({
  dir: folder,
  cleanDir: true,
  entryFileNames: "[name].js",
  chunkFileNames: "[name].js",
  comments: false,
  codeSplitting: {
    groups: Object.entries(TOGETHER).map(([name, files], index, { length }) => ({
      name,
      priority: length - index,
      test: (id) => files.includes(placeInDist(id)),
    })),
  },
});
await bundle.close();

/** Packages, and the libraries that are bundled already. */
function isOutside(id) {
  const isOf = (name) => id === name || id.startsWith(`${name}/`);
  return id.includes("/libraries/") || Object.keys(dependencies).some(isOf);
}

/** A file finds workers, scripts and package.json by its own place. This is where it was, seen from where it goes. */
function ownPlace(code, id) {
  if (!code.includes("import.meta.url")) return null;
  const place = relative(folder, id).replaceAll(sep, "/");
  return code.replaceAll("import.meta.url", `new URL(${JSON.stringify(place)}, import.meta.url).href`);
}

function placeInDist(id) {
  return relative(dist, id).replaceAll(sep, "/");
}
