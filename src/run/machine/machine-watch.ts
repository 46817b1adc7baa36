import { lookup } from "node:dns/promises";
import { BlockList } from "node:net";
import { networkInterfaces } from "node:os";
import { monotonicMs } from "../../support/clock.js";
import { isLoopback, parseAddress } from "../../support/hosts.js";
import type { ProcessGroup } from "../../support/processes/process-group.js";
import { CpuQuota } from "./cpu-quota.js";
import { cpuTimes } from "./cpu-times.js";
import { MachineMeter, type MachineReading, type SystemPlace } from "./machine-use.js";
import { SystemProcesses } from "./system-processes.js";

/**
 * A standstill of the machine delays this reading as it delays the load. So a whole standstill lies between two
 * readings, with at most this much time beside it.
 */
const READ_EVERY_MS = 100;
/** How often it looks for new processes. */
const LOOK_EVERY_MS = 1_000;
/** A reading may take this share of the time. */
const MOST_READING_SHARE = 0.01;

export interface WatchedSystem {
  /** What `services:` started, as it is now: a fault may have one started anew. */
  readonly groups: () => readonly ProcessGroup[];
  /** Marks of those that a fault keeps from running now. */
  readonly heldBack?: () => readonly string[];
  /** host:port of the target and of everything behind the proxies, without the proxies themselves. */
  readonly addresses: readonly string[];
}

/** Reads, for the whole run, who has this machine's CPUs. */
export class MachineWatch {
  readonly #processes: SystemProcesses;
  readonly #heldBack: () => readonly string[];
  readonly #quota = CpuQuota.ofThisProcess();
  readonly #place: SystemPlace | null;
  readonly #meters = new Set<MachineMeter>();
  #timer: NodeJS.Timeout | null = null;
  #lookedMs = monotonicMs();
  #last: MachineReading;
  /** How long a reading takes when nothing interrupts it. */
  #readingMs = Number.POSITIVE_INFINITY;

  private constructor(
    processes: SystemProcesses,
    place: SystemPlace | null,
    heldBack: () => readonly string[],
  ) {
    this.#processes = processes;
    this.#heldBack = heldBack;
    this.#place = place;
    this.#last = this.#read();
    this.#next(READ_EVERY_MS);
  }

  /** Call it when the services are ready: who listens where is looked up once. */
  static async open({ groups, addresses, heldBack = () => [] }: WatchedSystem): Promise<MachineWatch> {
    const processes = new SystemProcesses(groups);
    processes.refresh();
    return new MachineWatch(processes, await placeOf(addresses, groups().length > 0, processes), heldBack);
  }

  /** A meter whose first second begins at `startMs`, which is now or has just been. */
  meter(startMs: number): MachineMeter {
    const meter = new MachineMeter(startMs, this.#last, this.#place);
    this.#meters.add(meter);
    return meter;
  }

  /** The meter ends now. */
  close(meter: MachineMeter): void {
    this.update();
    meter.end();
    this.#meters.delete(meter);
  }

  /** Brings all meters up to now. */
  update(): void {
    this.#last = this.#read();
    for (const meter of this.#meters) meter.read(this.#last);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #next(ms: number): void {
    this.#timer = setTimeout(() => {
      const beganMs = monotonicMs();
      if (beganMs - this.#lookedMs >= LOOK_EVERY_MS) {
        this.#processes.refresh();
        this.#lookedMs = beganMs;
      }
      this.update();
      this.#readingMs = Math.min(this.#readingMs, monotonicMs() - beganMs);
      this.#next(Math.max(READ_EVERY_MS, this.#readingMs / MOST_READING_SHARE));
    }, ms);
    this.#timer.unref();
  }

  #read(): MachineReading {
    return {
      atMs: monotonicMs(),
      cpus: cpuTimes(),
      ownS: ownCpuS(),
      systemS: this.#processes.cpuS(),
      waitedS: this.#processes.waitedS(this.#heldBack()),
      throttledS: this.#quota.throttledS(),
    };
  }
}

/** null: only Linux tells who has had the CPUs. */
async function placeOf(
  addresses: readonly string[],
  hasServices: boolean,
  processes: SystemProcesses,
): Promise<SystemPlace | null> {
  const near = await Promise.all(addresses.map(async (text) => ({ text, isNear: await mayBeHere(text) })));
  const local = near.filter(({ isNear }) => isNear).map(({ text }) => parseAddress(text));
  if (local.length === 0 && !hasServices) return "elsewhere";
  if (process.platform !== "linux") return null;
  const isKnown = local.every((address) => address !== null && processes.listensOn(address.port));
  return isKnown ? "here" : "somewhere here";
}

/** A neighbour on one of this machine's own networks may be a container on it. */
async function mayBeHere(text: string): Promise<boolean> {
  const address = parseAddress(text);
  if (address === null || isLoopback(address.host)) return true;
  const own = ownNetworks();
  const found = await lookup(address.host, { all: true }).catch(() => []);
  // A name that nobody knows any more. The load will say so.
  return found.some(({ address, family }) => own.check(address, family === 6 ? "ipv6" : "ipv4"));
}

function ownNetworks(): BlockList {
  const networks = new BlockList();
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address, cidr, family } of addresses ?? []) {
      const bits = Number(cidr?.split("/")[1] ?? (family === "IPv6" ? 128 : 32));
      networks.addSubnet(address.split("%")[0] ?? address, bits, family === "IPv6" ? "ipv6" : "ipv4");
    }
  }
  return networks;
}

/** All threads of this process. */
function ownCpuS(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
