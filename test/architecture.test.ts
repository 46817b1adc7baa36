import { readdir, readFile } from "node:fs/promises";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { METRICS } from "../src/slo/metrics/table.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const src = join(root, "src");

/** Each room and those that it may import from, besides itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  support: [],
  quantities: ["support"],
  notation: ["support"],
  slo: ["support"],
  kubernetes: ["support"],
  http2: [],
  faults: ["support", "quantities", "notation", "kubernetes", "http2"],
  requests: ["support", "quantities", "notation"],
  scenario: ["support", "quantities", "notation", "kubernetes", "slo", "faults", "requests"],
  gameday: ["support", "quantities", "notation", "requests", "scenario", "plan", "measure", "load"],
  schedule: ["support", "scenario", "gameday", "run"],
  plan: ["support", "quantities", "notation", "kubernetes", "slo", "faults", "requests", "scenario"],
  measure: ["support", "slo", "faults", "scenario", "plan"],
  load: ["support", "notation", "http2", "kubernetes", "slo", "requests", "scenario", "plan", "measure"],
  checks: ["support", "notation", "kubernetes", "scenario", "plan", "measure", "load"],
  signals: ["support", "slo", "scenario", "plan", "load"],
  analysis: ["support", "kubernetes", "slo", "faults", "scenario", "plan", "measure"],
  traces: ["support", "measure", "analysis"],
  ledger: ["support", "quantities", "faults", "scenario", "plan", "measure", "analysis"],
  live: ["support", "slo", "scenario", "plan", "measure", "analysis", "report"],
  report: ["support", "quantities", "slo", "faults", "scenario", "plan", "measure", "analysis", "ledger"],
  telemetry: ["support", "plan", "measure", "analysis", "report"],
  run: [
    "support",
    "kubernetes",
    "slo",
    "scenario",
    "plan",
    "measure",
    "faults",
    "load",
    "checks",
    "signals",
    "analysis",
  ],
  debrief: ["support", "gameday", "report"],
  app: [
    "support",
    "kubernetes",
    "quantities",
    "slo",
    "scenario",
    "gameday",
    "debrief",
    "schedule",
    "plan",
    "measure",
    "faults",
    "load",
    "analysis",
    "ledger",
    "report",
    "run",
    "telemetry",
    "traces",
  ],
  library: [
    "support",
    "quantities",
    "slo",
    "scenario",
    "gameday",
    "schedule",
    "plan",
    "measure",
    "faults",
    "load",
    "analysis",
    "ledger",
    "report",
    "run",
    "app",
  ],
  "index.ts": ["support", "scenario", "measure", "analysis", "report", "app", "library"],
  cli: [
    "support",
    "quantities",
    "slo",
    "scenario",
    "gameday",
    "schedule",
    "plan",
    "measure",
    "faults",
    "load",
    "signals",
    "analysis",
    "ledger",
    "report",
    "run",
    "app",
    "live",
    "telemetry",
  ],
};

/** Packages that only some rooms may know. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  vitest: ["library"],
  commander: ["cli"],
  ora: ["cli"],
  autocannon: ["load"],
  "toxiproxy-node-client": ["faults"],
  pkijs: ["faults"],
  asn1js: ["faults"],
  yaml: ["scenario", "kubernetes"],
  croner: ["schedule"],
  "ical.js": ["gameday"],
  snappyjs: ["telemetry"],
  protobufjs: ["requests", "load"],
  "@nats-io/transport-node": ["load"],
  "tough-cookie": ["load"],
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

/** Folders of one kind of thing each, which grow by plug-ins; one file a plug-in. */
const PLUG_INS = ["slo/metrics", "faults/kinds", "faults/toxiproxy/embedded/toxics"];
const MOST_SIBLINGS = 20;

test("a folder of more than twenty files holds plug-ins", async () => {
  const sizes = new Map<string, number>();
  for (const entry of await readdir(src, { recursive: true, withFileTypes: true })) {
    const folder = relative(src, entry.parentPath);
    if (entry.isFile()) sizes.set(folder, (sizes.get(folder) ?? 0) + 1);
  }
  const crowded = [...sizes].filter(([, size]) => size > MOST_SIBLINGS).map(([folder]) => folder);
  expect(crowded.filter((folder) => !PLUG_INS.includes(folder)).sort()).toEqual([]);
});

test("the sub-rooms of a room do not lead to each other in a circle", async () => {
  const leads = new Map<string, Set<string>>();
  for (const { from, to } of await imports()) {
    const [a, b] = [from, to].map((path) => path.split("/"));
    // Files of the room itself may stand before its sub-rooms and behind them.
    if (!a || !b || a.length < 3 || b.length < 3 || a[0] !== b[0] || a[1] === b[1]) continue;
    const [here, there] = [`${a[0]}/${a[1]}`, `${b[0]}/${b[1]}`];
    leads.set(here, (leads.get(here) ?? new Set()).add(there));
  }
  const reaches = (start: string, goal: string, seen = new Set<string>()): boolean =>
    [...(leads.get(start) ?? [])].some((next) => {
      if (next === goal) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next, goal, seen);
    });
  expect(leads.size).toBeGreaterThan(10);
  expect([...leads.keys()].filter((room) => reaches(room, room))).toEqual([]);
});

/** Each with why several files may have it. */
const SHARED_NAMES: Readonly<Record<string, string>> = {
  driver: "each driver of faults exports it: drivers.ts",
  undo: "the same",
  rightsFor: "the same, each driver that acts in clusters",
  proofNotes: "the same: docs/reasons.md lists what each driver's proofs say",
  analyse: "the library's is what programs call",
};

test("no two files export something of the same name", async () => {
  const places = new Map<string, string[]>();
  for (const entry of await readdir(src, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
    const file = join(entry.parentPath, entry.name);
    const text = await readFile(file, "utf8");
    for (const [, name = ""] of text.matchAll(
      /^export (?:abstract )?(?:declare )?(?:async )?(?:interface|type|class|function\*?|const|let) (\w+)/gm,
    )) {
      const files = places.get(name) ?? [];
      // One file may declare a name several times: a function's forms, or a schema and its type.
      if (!files.includes(relative(src, file))) places.set(name, [...files, relative(src, file)]);
    }
  }
  expect(places.size).toBeGreaterThan(1500);
  const twice = [...places].filter(([, files]) => files.length > 1);
  const unexplained = twice.filter(([name]) => !(name in SHARED_NAMES));
  expect(unexplained.map(([name, files]) => [name, ...files])).toEqual([]);
  // What no longer needs it is taken off the list.
  expect(twice.map(([name]) => name).sort()).toEqual(Object.keys(SHARED_NAMES).sort());
});

test("no file leads back to itself", async () => {
  const leads = new Map<string, string[]>();
  for (const { from, to } of await imports()) {
    if (!to.endsWith(".js")) continue;
    const target = to.replace(/\.js$/, ".ts");
    leads.set(from, [...(leads.get(from) ?? []), target]);
  }
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, way: readonly string[]) => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(" → "));
    if (way.includes(file) || done.has(file)) return;
    for (const next of leads.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of leads.keys()) visit(file, []);
  expect(circles).toEqual([]);
});

test("what toxics are is known to the faults alone", async () => {
  /** report.json has had a field of that name since its first format. */
  const fields = ["analysis/document/fault-part.ts", "analysis/fault/fault-frame.ts"];
  const wrong: string[] = [];
  for (const entry of await readdir(src, { recursive: true, withFileTypes: true })) {
    const name = relative(src, join(entry.parentPath, entry.name));
    if (!entry.isFile() || !["plan", "run", "analysis", "report"].includes(room(name))) continue;
    if (fields.includes(name)) continue;
    if (/\btoxics?\b/i.test(await readFile(join(src, name), "utf8"))) wrong.push(name);
  }
  expect(wrong).toEqual([]);
});

test("which metric an SLO is about is asked of the metric", async () => {
  // "recovery", "max" and "connections" are also called so what is no metric: a phase, a column, a pattern.
  const others = ["recovery", "max", "connections"];
  const names = METRICS.flatMap(({ kind }) => (others.includes(kind) ? [] : kind)).join("|");
  const asked = new RegExp(
    `metric\\??\\.(kind|q)\\b|[!=]== ?["'](${names})["']|["'](${names})["'] ?[!=]==|case ["'](${names})["']`,
  );
  const wrong: string[] = [];
  for (const entry of await readdir(src, { recursive: true, withFileTypes: true })) {
    const name = relative(src, join(entry.parentPath, entry.name));
    if (!entry.isFile() || room(name) === "slo") continue;
    if (asked.test(await readFile(join(src, name), "utf8"))) wrong.push(name);
  }
  expect(wrong).toEqual([]);
});

test("a driver of faults is known to its line in the table alone, and knows no other driver", async () => {
  /** They are about a Toxiproxy server itself, and not about faults. */
  const servers = ["cli/proxy.ts", "library/start-toxiproxy.ts"];
  const all = await imports();
  // What is a driver has a file of that name.
  const found = all.map(({ from }) => /^faults\/([^/]+)\/driver\.ts$/.exec(from)?.[1]);
  const drivers = new Set(found.filter((folder) => folder !== undefined));
  expect([...drivers]).toContain("toxiproxy");
  const folderOf = (path: string) => {
    const [room, folder, file] = path.split("/");
    return room === "faults" && file !== undefined && drivers.has(folder ?? "") ? folder : null;
  };
  const wrong = all
    .filter(({ from, to }) => folderOf(to) !== null && folderOf(from) !== folderOf(to))
    .filter(({ from }) => from !== "faults/drivers.ts" && !servers.includes(from))
    .map(({ from, to }) => `${from} imports ${to}`);
  expect(wrong).toEqual([]);
});

test("the fault plane and the load plane do not know each other", async () => {
  const wrong = (await imports()).filter(
    ({ from, to }) =>
      (room(from) === "faults" && room(to) === "load") || (room(from) === "load" && room(to) === "faults"),
  );
  expect(wrong).toEqual([]);
});

test("a kind of request is known to its own folder, to the table and to the wires that send it", async () => {
  const all = await imports();
  // What is a kind has a file of that name.
  const found = all.map(({ from }) => /^(requests\/[^/]+)\/kind\.ts$/.exec(from)?.[1]);
  const folders = new Set(found.filter((folder) => folder !== undefined));
  expect([...folders]).toContain("requests/http");
  const wrong = [...folders].flatMap((folder) =>
    all
      .filter(({ from, to }) => to.startsWith(`${folder}/`) && !from.startsWith(`${folder}/`))
      .filter(({ from }) => from !== "requests/kinds.ts" && room(from) !== "load")
      .map(({ from, to }) => `${from} imports ${to}`),
  );
  expect(wrong).toEqual([]);
});

test("a load protocol is known to its own folder and to the table alone", async () => {
  const all = await imports();
  // What is a protocol has a file of that name.
  const found = all.map(({ from }) => /^(load\/[^/]+)\/protocol\.ts$/.exec(from)?.[1]);
  const folders = new Set(found.filter((folder) => folder !== undefined));
  expect([...folders]).toContain("load/http1");
  const wrong = [...folders].flatMap((folder) =>
    all
      .filter(({ from, to }) => to.startsWith(`${folder}/`) && !from.startsWith(`${folder}/`))
      .filter(({ from }) => from !== "load/protocols.ts")
      .map(({ from, to }) => `${from} imports ${to}`),
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

/** Rooms that hear what others say. */
const HEARING = [
  "checks",
  "faults",
  "gameday",
  "http2",
  "kubernetes",
  "live",
  "load",
  "notation",
  "run",
  "signals",
  "telemetry",
];
/** The begin of something, up to a number of characters or of elements. */
const CUT = /\.(?:slice|substring|substr)\(0, (?:[A-Z][A-Z_]+(?: - 1)?|most|[2-9]\d|\d{3,})\)/;
/** Files that cut, each with why no secret can be halved there. */
const CUTTING: Readonly<Record<string, string>> = {
  "checks/ids/compare-ids.ts": "a list",
  "faults/between/gateway/rules-proof.ts": "a list",
  "faults/chaos-mesh/proof-notes.ts": "lists",
  "faults/docker/containers/find-containers.ts": "lists",
  "faults/grpc/call-words.ts": "the driver of gateways has taken secrets out",
  "faults/http/rule-words.ts": "the same",
  "faults/toxiproxy/embedded/api/body.ts": "whoever asks gets its own words back",
  "gameday/lock-name.ts": "the name of a file",
  "gameday/report/actions-in-words.ts": "a list",
  "load/distributed/gather-workers.ts": "a list",
  "load/grpc/reflection/gather-files.ts": "a list",
  "run/cluster/pod-timeline.ts": "a list",
  "run/machine/system-processes.ts": "a list",
  "run/services/log-line.ts": "it is looked at, and shown nowhere",
  "signals/prometheus/scrape-interval.ts": "a list",
};

test("what others say is not cut before secrets are taken out of it", async () => {
  const cutting = new Set<string>();
  for (const entry of await readdir(src, { recursive: true, withFileTypes: true })) {
    const name = relative(src, join(entry.parentPath, entry.name));
    if (!entry.isFile() || !name.endsWith(".ts") || !HEARING.includes(room(name))) continue;
    const lines = (await readFile(join(src, name), "utf8")).split("\n");
    if (lines.some((line) => CUT.test(line) && !/\bmask(?:ed)?\b|\bredact\(/.test(line))) cutting.add(name);
  }
  // support/secrets/said.ts has what else to do.
  expect([...cutting].sort()).toEqual(Object.keys(CUTTING).sort());
});
