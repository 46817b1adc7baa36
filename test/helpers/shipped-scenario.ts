import { execFile } from "node:child_process";
import { accessSync, appendFileSync, constants, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import type { TestContext } from "vitest";
import { parse } from "yaml";
import type { Report } from "../../src/analysis/document/report.js";
import { faultline, root, temporaryFolder } from "./faultline.js";

/** Where Debian has servers that ordinary users do not start. */
const MORE_FOLDERS = ["/usr/sbin", "/usr/local/sbin"];

/** Skips a test without the server that it needs, and says how to get it. Where CI is set the server has to be there. */
export function needsServer(
  context: TestContext,
  program: string,
  debianPackage: string,
  folders: readonly string[] = [],
): void {
  const all = [...(process.env.PATH ?? "").split(delimiter), ...MORE_FOLDERS, ...folders];
  if (all.some((folder) => mayRun(join(folder, program)))) return;
  const how = `there is no ${program}: apt-get install ${debianPackage}`;
  if (process.env.CI) throw new Error(how);
  context.skip(how);
}

/** As `needsServer`. @returns variables that the run needs: as root the server runs as another user, who may not enter the tests' folder. */
export function needsPostgres(context: TestContext): Readonly<Record<string, string>> {
  needsServer(context, "initdb", "postgresql", postgresFolders());
  return { TMPDIR: dirname(tmpdir()) };
}

/** Debian has the server's programs in a folder of each version. */
function postgresFolders(): readonly string[] {
  try {
    return readdirSync("/usr/lib/postgresql").map((version) => `/usr/lib/postgresql/${version}/bin`);
  } catch {
    return [];
  }
}

/** The same where a script of the scenario says whether the server is there. */
export async function needsServerOf(
  context: TestContext,
  scenario: string,
  [program, ...args]: readonly [string, ...string[]],
  how: string,
): Promise<void> {
  try {
    await promisify(execFile)(program, args, { cwd: join(root, "scenarios", scenario), timeout: 200_000 });
  } catch (error) {
    if (process.env.CI) throw new Error(how, { cause: error });
    context.skip(how);
  }
}

function mayRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * How often a test of a shipped scenario is tried again: a machine that is very busy leaves verdicts open, and none of them
 * says the wrong thing. `npm run bench -- shipped` sets it to 0, and counts.
 */
export const RETRIES = Number(process.env.SHIPPED_RETRIES ?? 2);
/** A file that gets a line of JSON for each run, for that benchmark. */
const RESULTS = process.env.SHIPPED_RESULTS;

export interface ShippedRun {
  readonly report: Report;
  /** Of the command line. */
  readonly output: string;
  fault(name: string): Report["faults"][number];
  /** What the report says of a fault, line by line. */
  findings(fault: string): string;
}

/** How soon a service is back depends on the machine, which other tests share. What becomes of its requests does not. */
const PATIENCE = "recovery < 30s";

/** @returns the place of the scenario's own SLO on the recovery, and what stands there in tests. */
async function patience(scenario: string): Promise<Readonly<Record<string, string>>> {
  const { slos = [] } = parse(await readFile(join(root, scenario), "utf8"));
  const at = slos.findIndex((slo: unknown) => /^recovery\b/.test(String(slo)));
  return at < 0 ? {} : { [`slos.${at}`]: PATIENCE };
}

/**
 * Runs scenarios/NAME/scenario.yaml, with more time for the recovery. `vars` are set, so that the report may show them.
 */
export async function runShipped(
  name: string,
  {
    vars = {},
    env = {},
    only = [],
    set = {},
  }: {
    vars?: Readonly<Record<string, string>>;
    env?: Readonly<Record<string, string>>;
    /** Faults. Without it all are run. */
    only?: readonly string[];
    /** Other values of the scenario, such as shorter phases of a run whose verdict does not hang on them. */
    set?: Readonly<Record<string, string>>;
  } = {},
): Promise<ShippedRun> {
  const out = join(await temporaryFolder(), "out");
  const scenario = `scenarios/${name}/scenario.yaml`;
  const changed = [
    ...Object.entries(vars).map(([variable, value]) => `vars.${variable}=${value}`),
    ...Object.entries({ ...(await patience(scenario)), ...set }).map(([key, value]) => `${key}=${value}`),
  ];
  const sets = changed.flatMap((each) => ["--set", each]);
  const faults = only.flatMap((each) => ["--only", each]);
  const { stdout, stderr } = await faultline(
    ["run", scenario, "--no-history", "--out", out, ...sets, ...faults],
    { timeoutMs: 300_000, env },
  );
  const output = stdout + stderr;
  const text = await readFile(join(out, "report.json"), "utf8").catch(() => {
    throw new Error(`no report was written:\n${output}`);
  });
  const report: Report = JSON.parse(text);
  if (RESULTS) {
    const { verdict, reason } = report;
    appendFileSync(RESULTS, `${JSON.stringify({ name, vars, verdict, reason })}\n`);
  }
  const fault = (wanted: string) => {
    const found = report.faults.find((each) => each.name === wanted);
    if (!found) throw new Error(`no fault "${wanted}" in the report:\n${output}`);
    return found;
  };
  return { report, output, fault, findings: (wanted) => fault(wanted).findings.join("\n") };
}
