import { randomUUID } from "node:crypto";
import type { RunPlan } from "../plan/run-plan.js";
import { isLoopback } from "../scenario/hosts.js";
import { addressOf, bareHost } from "../support/address.js";
import { FaultlineError } from "../support/errors.js";
import { healRun } from "./heal.js";
import { Journal, listJournals, readJournal } from "./journal.js";
import { JOURNAL_FORMAT_VERSION, type RunEntry } from "./journal-format.js";
import { ownIdentity, stateOf } from "./runner-identity.js";
import { exclusively } from "./state-mutex.js";

type ClaimingPlan = Pick<RunPlan, "name" | "file" | "services" | "proxies" | "toxiproxyUrl">;

/** Rounds of healing what dead runs hold before giving up. */
const MAX_ROUNDS = 3;

/**
 * What a run must have for itself: local ports that its proxies and services listen on, and proxies of a real Toxiproxy
 * server. Ports that the system picks cannot collide and are left out.
 */
export function claimsOf({ services, proxies, toxiproxyUrl }: ClaimingPlan): readonly string[] {
  const server = toxiproxyUrl === null ? null : new URL(toxiproxyUrl);
  const listens = proxies.map((proxy) => proxy.listen).filter((listen) => !listen.includes("${"));
  const ready = services.flatMap((service) => service.ready ?? []).filter((text) => !text.includes("${"));
  const claims = [
    // A server on another machine listens there; its proxies are claimed by name.
    ...(server && !isLocal(server.hostname) ? [] : listens.map((listen) => addressClaim(`tcp://${listen}`))),
    ...ready.map(addressClaim),
    ...(server ? proxies.map(({ name }) => `proxy "${name}" of ${serverName(server)}`) : []),
  ];
  return [...new Set(claims.filter((claim) => claim !== "port 0"))];
}

/** Unique on this machine; sorts by time. */
export function newRunId(): string {
  return `${new Date().toISOString().replace(/[:.]/g, "-")}-${process.pid}-${randomUUID().slice(0, 8)}`;
}

/**
 * Enters the run into the state folder, unless another one that is still alive claims some of the same. What dead runs
 * left there is undone first.
 * @throws FaultlineError RUN_CONFLICT, STATE_UNUSABLE
 */
export async function claimRun(
  stateFolder: string,
  plan: ClaimingPlan,
  runId = newRunId(),
): Promise<Journal> {
  const run: RunEntry = {
    entry: "run",
    formatVersion: JOURNAL_FORMAT_VERSION,
    runId,
    scenario: plan.name,
    file: plan.file,
    startedAt: new Date().toISOString(),
    runner: ownIdentity(),
    claims: claimsOf(plan),
  };
  for (let round = 1; ; round += 1) {
    const claimed = await exclusively(stateFolder, () => {
      const inTheWay = listJournals(stateFolder).flatMap((path) => conflictWith(run, path));
      return inTheWay.length > 0 ? inTheWay : Journal.create(stateFolder, run);
    });
    if (claimed instanceof Journal) return claimed;
    for (const { path, other, claim } of claimed) {
      if (stateOf(other.runner) !== "dead") throw conflict(other, claim);
      const healed = await healRun(stateFolder, path);
      if (round < MAX_ROUNDS && healed.failures.length === 0) continue;
      throw new FaultlineError(
        "RUN_CONFLICT",
        `an earlier run of "${other.scenario}" ended without cleaning up and still has ${claim}: ${healed.failures.join("; ")}`,
      );
    }
  }
}

function conflictWith(run: RunEntry, path: string): { path: string; other: RunEntry; claim: string }[] {
  const journal = readJournal(path);
  if (journal === null || journal === "gone") return [];
  const claim = journal.run.claims.find((text) => run.claims.includes(text));
  return claim === undefined ? [] : [{ path, other: journal.run, claim }];
}

function conflict(other: RunEntry, claim: string): FaultlineError {
  const where = stateOf(other.runner) === "elsewhere" ? ` on ${other.runner.host}` : "";
  return new FaultlineError(
    "RUN_CONFLICT",
    `another run uses ${claim}: "${other.scenario}" (${other.file}), process ${other.runner.pid}${where}, since ${other.startedAt}`,
  );
}

function addressClaim(url: string): string {
  const { host, port } = addressOf(new URL(url));
  return isLocal(host) ? `port ${port}` : `port ${port} of ${host}`;
}

function serverName(url: URL): string {
  return isLocal(url.hostname) ? `Toxiproxy on port ${url.port || 80}` : `Toxiproxy at ${url.host}`;
}

/** Loopback and wildcard addresses: one program at a time can listen on a port of theirs. */
function isLocal(host: string): boolean {
  const bare = bareHost(host);
  return bare === "::" || bare === "0.0.0.0" || isLoopback(bare);
}
