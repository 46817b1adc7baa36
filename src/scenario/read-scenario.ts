import { FaultlineError, hasCode, messageOf } from "../support/errors.js";
import { checkAddresses } from "./check/addresses.js";
import { checkAlerts } from "./check/alerts.js";
import { checkChecks } from "./check/checks.js";
import { checkCluster } from "./check/cluster.js";
import { CheckContext } from "./check/context.js";
import { checkEngine } from "./check/engine.js";
import { checkFaults } from "./check/faults/faults.js";
import { checkGrants } from "./check/grants.js";
import { checkLoad } from "./check/load/load.js";
import { checkProxies } from "./check/proxies.js";
import { checkServices } from "./check/services.js";
import { checkSignals } from "./check/signals.js";
import { checkSlos, type SloPlace } from "./check/slos.js";
import { checkTelemetry } from "./check/telemetry.js";
import { type Diagnostic, Diagnostics } from "./diagnostics/diagnostic.js";
import { readParts } from "./read/checked-parts.js";
import { composeScenario, type SourceFile } from "./read/compose-scenario.js";
import { FileAccess } from "./read/file-access.js";
import { resolvePath } from "./read/file-reading.js";
import type { Grants } from "./read/grants.js";
import { type Feed, readFiles, type ScenarioFiles } from "./read/named-files.js";
import { applySets, readVars } from "./read/overrides.js";
import type { ScenarioData } from "./schema/scenario.js";
import type { Span } from "./text/source.js";
import { keySpanAt, spanAt, type TreeNode, type TreePath, writtenTexts } from "./text/tree.js";
import { secretsIn } from "./values/secrets.js";
import { substitute } from "./values/substitute.js";

/** A scenario without mistakes of its own, with everything that belongs to it already read. */
export interface Scenario {
  /** As the user named it. */
  readonly file: string;
  /** The file's folder, absolute. */
  readonly folder: string;
  /** Of the file's bytes. */
  readonly sha256: string;
  /** The file and those that it extends or includes. */
  readonly sources: readonly SourceFile[];
  readonly data: ScenarioData;
  readonly feeds: readonly Feed[];
  readonly tls: ScenarioFiles["tls"];
  readonly proxyTls: ScenarioFiles["proxyTls"];
  readonly checkTls: ScenarioFiles["checkTls"];
  readonly signalTls: ScenarioFiles["signalTls"];
  readonly alertTls: ScenarioFiles["alertTls"];
  readonly telemetryTls: ScenarioFiles["telemetryTls"];
  readonly serviceEnvFiles: ScenarioFiles["serviceEnvFiles"];
  readonly requests: ScenarioFiles["requests"];
  /** Absolute folder for each service. */
  readonly serviceFolders: Readonly<Record<string, string>>;
  /** Absolute folder for each check's command, in their order. */
  readonly checkFolders: readonly string[];
  /** Absolute folder for the command of each signal that has one. */
  readonly signalFolders: Readonly<Record<string, string>>;
  /** Absolute path of load.socket. */
  readonly socketPath: string | null;
  /** Where its SLOs are written. */
  readonly sloPlaces: readonly SloPlace[];
  /** Where the addresses are written that a run connects to. */
  readonly addressPlaces: AddressPlaces;
  /** Where anything is written. */
  readonly placeOf: PlaceInScenario;
  /** Values from outside the scenario that must not be shown. */
  readonly secrets: readonly string[];
  /** Environment variables that its services get beside a few plain ones. null: all. */
  readonly serviceEnv: readonly string[] | null;
  /** Hosts other than this machine that may be used. */
  readonly allowedHosts: readonly string[];
}

export type PlaceInScenario = (path: TreePath, at: "key" | "value") => Span;

export interface AddressPlaces {
  readonly target: Span;
  /** null: there is none. */
  readonly socket: Span | null;
  /** By the proxy's name. */
  readonly upstreams: Readonly<Record<string, Span>>;
}

export interface ReadOptions {
  /** --set a.b=value */
  readonly set?: readonly string[];
  /** --var name=value */
  readonly vars?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative file names count from here. */
  readonly cwd: string;
  readonly allowHosts?: readonly string[];
  /** null or missing: the scenario is trusted, and all that it says counts. */
  readonly untrusted?: Grants | null;
}

export interface ReadResult {
  /** null when there is an error among the diagnostics. */
  readonly scenario: Scenario | null;
  readonly diagnostics: readonly Diagnostic[];
  /** How many more there were. */
  readonly dropped: number;
}

/**
 * Reads a scenario and checks all of it. Everything that is wrong inside is a diagnostic.
 * @throws FILE_NOT_FOUND or FILE_UNREADABLE for the file itself.
 */
export async function readScenario(file: string, options: ReadOptions): Promise<ReadResult> {
  const diagnostics = new Diagnostics();
  let secrets = secretsIn(options.env);
  const scenario = await (async () => {
    const untrusted = options.untrusted ?? null;
    const access = accessFor(file, options.cwd, untrusted);
    const composed = await composeScenario(file, options.cwd, access, diagnostics);
    if (!composed || diagnostics.hasErrors) return null;
    const overridden = applySets(composed.tree, options.set ?? [], composed.source.folder, diagnostics);
    const vars = readVars(options.vars ?? [], composed.source.folder, diagnostics);
    const substituted = substitute(
      overridden,
      vars,
      environmentFor(options.env, untrusted),
      diagnostics,
      untrusted === null,
    );
    const { tree, deferred } = substituted;
    const parts = readParts(tree, diagnostics);
    const files = await readFiles(parts.valid, { tree, access, diagnostics, cwd: options.cwd });
    const inFiles = Object.values(files.serviceEnvFiles).flatMap(secretsIn);
    secrets = [...new Set([...substituted.secrets, ...secretsIn(options.env), ...inFiles])];
    // A stranger could write down guesses and see which of them are masked.
    if (untrusted === null) secrets = unknownTo(composed.tree, secrets);
    const context = new CheckContext({
      parts,
      files,
      deferred,
      diagnostics,
      allowHosts: options.allowHosts ?? [],
      tree,
      cwd: options.cwd,
      access,
      untrusted,
    });
    const checks = [
      checkServices,
      checkGrants,
      checkAddresses,
      checkProxies,
      checkLoad,
      checkFaults,
      checkCluster,
      checkEngine,
      checkChecks,
      checkSignals,
      checkAlerts,
      checkTelemetry,
    ];
    for (const check of checks) check(context);
    const sloPlaces = checkSlos(context);
    if (!parts.whole || diagnostics.hasErrors) return null;
    const { source, sources } = composed;
    return {
      file,
      folder: source.folder,
      sha256: composed.sha256,
      sources,
      data: parts.whole,
      ...files,
      serviceFolders: folders(parts.whole.services, "services", tree),
      checkFolders: parts.whole.checks.map((check, index) =>
        folderOf(check, ["checks", index], "name", tree),
      ),
      signalFolders: folders(
        Object.fromEntries(Object.entries(parts.whole.signals).filter(([, { run }]) => run !== undefined)),
        "signals",
        tree,
      ),
      socketPath:
        parts.whole.load.socket === undefined
          ? null
          : resolvePath(tree, ["load", "socket"], parts.whole.load.socket),
      sloPlaces,
      addressPlaces: {
        target: spanAt(tree, ["load", "target"]),
        socket: parts.whole.load.socket === undefined ? null : spanAt(tree, ["load", "socket"]),
        upstreams: Object.fromEntries(
          Object.keys(parts.whole.proxies).map((name) => [name, spanAt(tree, ["proxies", name, "upstream"])]),
        ),
      },
      placeOf: (path: TreePath, at: "key" | "value") => (at === "key" ? keySpanAt : spanAt)(tree, path),
      secrets,
      serviceEnv: untrusted?.env ?? null,
      allowedHosts: context.allowedHosts,
    };
  })();
  return { scenario, diagnostics: diagnostics.list(secrets), dropped: diagnostics.dropped };
}

/** @throws FILE_UNREADABLE. */
function accessFor(file: string, cwd: string, untrusted: Grants | null): FileAccess {
  if (untrusted === null) return FileAccess.everywhere();
  try {
    return FileAccess.within(file, cwd, untrusted.folders);
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) {
      throw new FaultlineError("FILE_NOT_FOUND", `${file} does not exist`, { cause: error });
    }
    throw new FaultlineError("FILE_UNREADABLE", `${file}: ${messageOf(error)}`, { cause: error });
  }
}

/** For an untrusted scenario, variables that are not granted look as if they were not set. */
function environmentFor(env: ReadOptions["env"], untrusted: Grants | null): ReadOptions["env"] {
  if (untrusted === null) return env;
  return Object.fromEntries(Object.entries(env).filter(([name]) => untrusted.env.includes(name)));
}

/**
 * Leaves out values that the scenario's own text holds. Its readers know them, and masking them would hide its names.
 */
function unknownTo(tree: TreeNode, secrets: readonly string[]): readonly string[] {
  const texts = [...writtenTexts(tree)].join("\n");
  return secrets.filter((secret) => !texts.includes(secret));
}

/** Each runs in the folder of the file that says how to run it. */
function folders(
  commands: Readonly<Record<string, { readonly cwd?: string | undefined }>>,
  section: "services" | "signals",
  tree: TreeNode,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(commands).map(([name, command]) => [
      name,
      folderOf(command, [section, name], "run", tree),
    ]),
  );
}

/** `orWhere`: the key that stands in the file whose folder it is, without a `cwd`. */
function folderOf(
  { cwd }: { readonly cwd?: string | undefined },
  at: TreePath,
  orWhere: string,
  tree: TreeNode,
): string {
  return resolvePath(tree, [...at, cwd === undefined ? orWhere : "cwd"], cwd ?? ".");
}
