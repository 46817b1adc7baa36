import type { Address } from "../../support/address.js";
import { Patience, sleep } from "../../support/clock.js";
import { type ProcessId, processTable } from "../../support/processes/process-table.js";
import { isListening } from "../reach/tcp-probe.js";
import { describeHolders, holdersOf, sharesControlGroup } from "./port-holders.js";

/** The system may take this long to close the ports of processes that have ended. */
const CLOSE_MS = 1_000;
/** A daemon that has just been started may take this long to listen. */
const LATE_DAEMON_MS = 1_500;
const LOOK_MS = 50;

/** Began in this time, both ends included. In clock ticks since boot, as text. */
export interface Began {
  readonly since: string;
  readonly until?: number;
}

/**
 * Who listens on a service's port and is not known as its process: a daemon that has left its session and cleared its
 * environment (Redis and nginx write their titles over it). Nobody listened there before the service was started. So
 * the service started whoever began after it and shares its control group. Linux only: on other systems none is found.
 */
export function daemonsAt(
  address: Address,
  { since, until = Number.POSITIVE_INFINITY }: Began,
  own: readonly ProcessId[],
): readonly ProcessId[] {
  const candidates = processTable
    .rows()
    .filter(({ start }) => Number(start) >= Number(since) && Number(start) <= until)
    .filter(({ pid }) => !own.some((each) => each.pid === pid));
  const holders = holdersOf(
    address,
    candidates.map(({ pid }) => pid),
  );
  return candidates
    .filter(({ pid }) => holders.includes(pid) && sharesControlGroup(pid))
    .map(({ pid, start }) => ({ pid, start }));
}

/** Daemons of a service that was ended while it started. They may still be on their way to their port. */
export async function awaitDaemons(address: Address, began: Began): Promise<readonly ProcessId[]> {
  const patience = new Patience(LATE_DAEMON_MS);
  try {
    for (;;) {
      const isOver = patience.leftMs === 0;
      const found = daemonsAt(address, began, []);
      if (found.length > 0 || isOver) return found;
      await sleep(LOOK_MS);
    }
  } finally {
    patience.end();
  }
}

/** Who still listens there after the service's processes have ended, in words. Resolves with null when nobody does. */
export async function stillListening(address: Address): Promise<string | null> {
  const patience = new Patience(CLOSE_MS);
  try {
    while (await isListening(address.host, address.port)) {
      if (patience.leftMs === 0) return describeHolders(address);
      await sleep(LOOK_MS);
    }
    return null;
  } finally {
    patience.end();
  }
}
