import { randomUUID } from "node:crypto";
import { realpathSync } from "node:fs";
import { dockerClaim } from "../../faults/kinds/docker/action.js";
import { USUAL_ENGINE } from "../../faults/kinds/docker/engine-address.js";
import { hasTargetUrl } from "../../faults/kinds/index.js";
import { isReferenceText } from "../../kubernetes/references/object-reference.js";
import type { RunPlan } from "../../plan/run-plan.js";
import { plannedActions } from "../../plan/steps.js";
import { addressOf, bareHost } from "../../support/address.js";
import { FaultlineError } from "../../support/errors.js";
import { isLoopback } from "../../support/hosts.js";
import { canBind } from "../reach/local-port.js";
import { healRun } from "./heal/heal.js";
import { Journal, listJournals, readJournal } from "./journal.js";
import { JOURNAL_FORMAT_VERSION, type RunEntry } from "./journal-format.js";
import { ownIdentity, stateOf, unseenText } from "./runner-identity.js";
import { exclusively } from "./state-mutex.js";

type ClaimingPlan = Pick<RunPlan, "name" | "file" | "services" | "proxies" | "toxiproxyUrl" | "steps"> &
  Partial<Pick<RunPlan, "docker">> & {
    /** Absolute. null or not there: nothing is written. */
    readonly reportFolder?: string | null;
  };
type Env = Readonly<Record<string, string | undefined>>;

/**
 * What a run must have for itself: local ports that its proxies and services listen on, proxies of a real Toxiproxy
 * server, servers that its faults act on by their URLs, containers and Swarm services, and the folder that its ids and reports go
 * to. Ports that the system picks cannot collide and are left out.
 */
export function claimsOf(
  { services, proxies, toxiproxyUrl, steps, docker, reportFolder = null }: ClaimingPlan,
  { DOCKER_HOST = "", COMPOSE_PROJECT_NAME = "" }: Env = {},
): readonly string[] {
  const engine = docker?.host ?? (DOCKER_HOST === "" ? USUAL_ENGINE : DOCKER_HOST);
  const project = docker?.project ?? (COMPOSE_PROJECT_NAME === "" ? null : COMPOSE_PROJECT_NAME);
  const server = toxiproxyUrl === null ? null : new URL(toxiproxyUrl);
  const listens = proxies.map((proxy) => proxy.listen).filter((listen) => !listen.includes("${"));
  const ready = services
    .flatMap((service) => service.ready ?? [])
    .filter((text) => !text.includes("${") && !isReferenceText(text));
  const claims = [
    // A server on another machine listens there. Its proxies are claimed by name.
    ...(server && !isLocal(server.hostname) ? [] : listens.map((listen) => addressClaim(`tcp://${listen}`))),
    ...ready.map(addressClaim),
    ...(server ? proxies.map(({ name }) => `proxy "${name}" of ${serverName(server)}`) : []),
    ...plannedActions(steps)
      .filter((action) => hasTargetUrl(action) && URL.canParse(action.target))
      .map(({ kind, target }) => `${kind} on ${addressClaim(target)}`),
    ...plannedActions(steps).flatMap((action) => dockerClaim(action, engine, project) ?? []),
    ...(reportFolder === null ? [] : [`${FOLDER_CLAIM}${realPath(reportFolder)}`]),
  ];
  return [...new Set(claims.filter((claim) => claim !== "port 0"))];
}

/** Unique on this machine. Sorts by time. */
export function newRunId(): string {
  return `${new Date().toISOString().replace(/[:.]/g, "-")}-${process.pid}-${randomUUID().slice(0, 8)}`;
}

/**
 * Enters the run into the state folder, unless another living run claims some of the same. First it undoes what dead
 * runs left there.
 * @throws FaultlineError RUN_CONFLICT, STATE_UNUSABLE.
 */
export async function claimRun(
  stateFolder: string,
  plan: ClaimingPlan,
  runId = newRunId(),
  env: Env = {},
): Promise<Journal> {
  const run: RunEntry = {
    entry: "run",
    formatVersion: JOURNAL_FORMAT_VERSION,
    runId,
    scenario: plan.name,
    file: plan.file,
    startedAt: new Date().toISOString(),
    runner: ownIdentity(),
    claims: claimsOf(plan, env),
  };
  /** Runs that are over, or may be, and hold nothing that this run claims. */
  const notInTheWay = new Set<string>();
  for (;;) {
    const claimed = await exclusively(stateFolder, () => {
      const inTheWay = listJournals(stateFolder)
        .filter((path) => !notInTheWay.has(path))
        .flatMap((path) => conflictWith(run, path));
      return inTheWay.length > 0 ? inTheWay : Journal.create(stateFolder, run);
    });
    if (claimed instanceof Journal) return claimed;
    for (const each of claimed) {
      await getOutOfTheWay(stateFolder, each);
      notInTheWay.add(each.path);
    }
  }
}

interface Conflict {
  readonly path: string;
  readonly other: RunEntry;
  /** What both claim. Never empty. */
  readonly claims: readonly string[];
}

/** Resolves when the other run is over and holds nothing that both claim. @throws RUN_CONFLICT. */
async function getOutOfTheWay(stateFolder: string, { path, other, claims }: Conflict): Promise<void> {
  const state = stateOf(other.runner);
  if (state === "alive") throw alive(other, claims[0] ?? "");
  const failures = state === "dead" ? (await healRun(stateFolder, path)).failures : [];
  if (state === "dead" && failures.length === 0) return;
  // A port can be tried, whatever became of that run. Nobody can see whose the proxies of a server are.
  // Only a run that goes on writes to its folder.
  const [claim] = await held(claims.filter((each) => !each.startsWith(FOLDER_CLAIM)));
  if (claim === undefined) return;
  const title = `"${other.scenario}" (${other.file})`;
  const message =
    state === "dead"
      ? `an earlier run of ${title} ended without cleaning up and still has ${claim}: ${failures.join("; ")}`
      : `a run of ${title} from ${other.startedAt} has ${claim}: ${unseenText(other.runner, path)}`;
  throw new FaultlineError("RUN_CONFLICT", message);
}

async function held(claims: readonly string[]): Promise<readonly string[]> {
  const isHeld = await Promise.all(
    claims.map(async (claim) => {
      const port = /^port (\d+)$/.exec(claim)?.[1];
      return port === undefined || !(await canBind(Number(port)));
    }),
  );
  return claims.filter((_, index) => isHeld[index]);
}

function conflictWith(run: RunEntry, path: string): Conflict[] {
  const journal = readJournal(path);
  if (journal === "gone" || "unreadable" in journal) return [];
  const claims = journal.run.claims.filter((claim) => run.claims.includes(claim));
  return claims.length === 0 ? [] : [{ path, other: journal.run, claims }];
}

function alive({ scenario, file, runner: { pid }, startedAt }: RunEntry, claim: string): FaultlineError {
  return new FaultlineError(
    "RUN_CONFLICT",
    `another run uses ${claim}: "${scenario}" (${file}), process ${pid}, since ${startedAt}`,
  );
}

const FOLDER_CLAIM = "the report folder ";

/** Two names of one folder are one folder. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function addressClaim(url: string): string {
  const { host, port } = addressOf(new URL(url));
  return isLocal(host) ? `port ${port}` : `port ${port} of ${host}`;
}

function serverName(url: URL): string {
  return isLocal(url.hostname) ? `Toxiproxy on port ${url.port || 80}` : `Toxiproxy at ${url.host}`;
}

/** Loopback and wildcard addresses. Only one program at a time can listen on one of their ports. */
function isLocal(host: string): boolean {
  const bare = bareHost(host);
  return bare === "::" || bare === "0.0.0.0" || isLoopback(bare);
}
