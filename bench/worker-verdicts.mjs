// npm run bench -- worker-verdicts [--rounds 10] [--scenario scenarios/quickstart.yaml]
// Whole runs of one scenario, in turn with load from this machine and from three workers: whether each verdict is the same, that of
// the run, of each fault and of each SLO. Needs nats-server. Build first (npm run build).
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChild } from "../test/helpers/children/start-child.mjs";
import { machine, option, printTable } from "./load/measure.mjs";
import { BIN, startNats, startWorkers } from "./workers/servers.mjs";

const rounds = option("rounds", 10);
const at = process.argv.indexOf("--scenario");
const scenario = at < 0 ? "scenarios/quickstart.yaml" : process.argv[at + 1];

const { url } = await startNats();
await startWorkers(url, ["a", "b", "c"]);
const folder = await mkdtemp(join(tmpdir(), "faultline-verdicts-"));

let runs = 0;

async function run(...args) {
  const out = join(folder, `report-${++runs}`);
  const child = startChild(
    process.execPath,
    [BIN, "run", scenario, "--json", "--no-retry", "--no-history", "--out", out, ...args],
    {
      env: { ...process.env, FAULTLINE_STATE_DIR: join(folder, "state"), NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part) => {
    text += part;
  });
  const [code] = await once(child, "close");
  return { code, report: text === "" ? null : JSON.parse(text) };
}

/** Each verdict of a report, by what it is about. */
function verdictsOf({ code, report }) {
  if (report === null) return [["the run", `exit ${code}`]];
  const slos = (where, of) =>
    (of ?? []).map(({ expect, phase, verdict }) => [`${where}: ${expect} (${phase})`, verdict]);
  return [
    ["the run", report.verdict],
    ...slos("baseline", report.baseline?.slos),
    ...report.faults.flatMap((fault) => [[fault.name, fault.verdict], ...slos(fault.name, fault.slos)]),
  ];
}

const seen = new Map();
try {
  for (let round = 1; round <= rounds; round++) {
    for (const [from, args] of [
      ["here", []],
      ["workers", ["--workers", url, "--expect-workers", "3"]],
    ]) {
      const verdicts = verdictsOf(await run(...args));
      for (const [about, verdict] of verdicts) {
        const row = seen.get(about) ?? { here: [], workers: [] };
        seen.set(about, row);
        row[from].push(verdict);
      }
      process.stderr.write(`round ${round}, ${from}: ${verdicts[0][1]}\n`);
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
}

const counted = (verdicts) =>
  [...new Set(verdicts)]
    .sort()
    .map((verdict) => `${verdicts.filter((other) => other === verdict).length} × ${verdict}`)
    .join(", ");
process.stdout.write(`Machine: ${machine()}\n`);
process.stdout.write(
  `Command: npm run bench -- worker-verdicts --rounds ${rounds} --scenario ${scenario}\n\n`,
);
printTable([
  ["verdict of", "from this machine", "from three workers", "same in each round"],
  ...[...seen].map(([about, { here, workers }]) => [
    about,
    counted(here),
    counted(workers),
    String(here) === String(workers) ? "yes" : "NO",
  ]),
]);
process.exit();
