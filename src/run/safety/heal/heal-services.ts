import type { Undone } from "../../../faults/undo-entry.js";
import { formatAddress } from "../../../support/address.js";
import { messageOf } from "../../../support/errors.js";
import { ServiceProcesses, strays } from "../../../support/processes/process-group.js";
import { startOf } from "../../../support/processes/process-table.js";
import { awaitDaemons, stillListening } from "../../processes/daemons.js";
import type { JournalContents, JournaledService } from "../journal-format.js";
import { ownIdentity } from "../runner-identity.js";

/** Services of a dead run get no longer than this to end by themselves, whatever the scenario says. */
const MAX_GRACE_MS = 1_000;
/** proc_stat(5): times are in units of USER_HZ, which is 100 on all machines that Node runs on. */
const TICKS_PER_S = 100;
/** A daemon may still start another one after the run has died. */
const LATE_START_TICKS = TICKS_PER_S;

export interface HealServicesOptions {
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean;
  /** The journal's path, for messages. */
  readonly path: string;
  /**
   * When this process saw the run die, on the clock of `performance.now`. Listeners on its ports that began before
   * belong to the run. null: some time ago.
   */
  readonly diedAtMs: number | null;
}

/** Ends the services of a dead run and frees the ports that they were to listen on. Never rejects. */
export async function healServices(
  { run, services, stopGraceMs }: JournalContents,
  { dryRun, path, diedAtMs }: HealServicesOptions,
): Promise<Undone> {
  // No process survives a reboot: a pid that is in use again belongs to another process.
  if (run.runner.boot !== ownIdentity().boot) return { did: [], failures: [] };
  const untilTicks = diedAtMs === null ? null : ticksAt(diedAtMs) + LATE_START_TICKS;
  const graceMs = Math.min(stopGraceMs, MAX_GRACE_MS);
  const ended = await Promise.all(services.map((service) => endService(service, graceMs, dryRun)));
  // Afterwards, because one service may be ready when the port of another answers.
  const freed = dryRun
    ? []
    : await Promise.all(services.map((service) => freePort(service, { graceMs, path, untilTicks })));
  const all = [...ended, ...freed];
  return { did: all.flatMap(({ did }) => did), failures: all.flatMap(({ failures }) => failures) };
}

async function endService(
  { name, group, outlivers, daemons }: JournaledService,
  graceMs: number,
  dryRun: boolean,
): Promise<Undone> {
  const all = [new ServiceProcesses(group, outlivers), strays(daemons ?? [])];
  const count = new Set(all.flatMap((each) => each.living()).map(({ pid }) => pid)).size;
  if (count === 0) return { did: [], failures: [] };
  try {
    if (!dryRun) for (const each of all) await each.end(graceMs);
    return { did: [endedText(name, count)], failures: [] };
  } catch (error) {
    return { did: [], failures: [`service ${name}: ${messageOf(error)}`] };
  }
}

interface FreePortOptions {
  readonly graceMs: number;
  readonly path: string;
  /** When the run died. null: some time ago. */
  readonly untilTicks: number | null;
}

async function freePort(service: JournaledService, options: FreePortOptions): Promise<Undone> {
  const { name, address } = service;
  if (address === null) return { did: [], failures: [] };
  const did = await endLateDaemons(service, options);
  const holder = await stillListening(address);
  if (holder === null) return { did, failures: [] };
  const failure = `${formatAddress(address)}, the port of service "${name}", is listened on by ${holder}, and nothing shows whether it is of this run. If it is, end it and heal again; if not, delete ${options.path}`;
  return { did, failures: [failure] };
}

/** Daemons of a service that had not become ready: the run could no longer note them. */
async function endLateDaemons(
  { name, group, address, daemons }: JournaledService,
  { graceMs, untilTicks }: FreePortOptions,
): Promise<readonly string[]> {
  if (address === null || daemons !== null || group.start === null || untilTicks === null) return [];
  const late = await awaitDaemons(address, { since: group.start, until: untilTicks });
  if (late.length === 0) return [];
  // A survivor is found by its port, right after this.
  await strays(late)
    .end(graceMs)
    .catch(() => {});
  return [endedText(name, late.length)];
}

function endedText(service: string, count: number): string {
  return `end ${count} ${count === 1 ? "process" : "processes"} of service "${service}"`;
}

/** In clock ticks since boot, as starts are. NaN where starts are something else: then no daemon is found. */
function ticksAt(ms: number): number {
  return Number(startOf(process.pid)) + (ms / 1000) * TICKS_PER_S;
}
