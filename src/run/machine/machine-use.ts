import type { MachineSeconds, MachineUse } from "../../measure/record.js";
import type { CpuTimes } from "./cpu-times.js";

/** CPU time of all, at one instant. */
export interface MachineReading {
  /** On the clock of `monotonicMs`. */
  readonly atMs: number;
  readonly cpus: CpuTimes;
  /** faultline itself. */
  readonly ownS: number;
  /** The system under test, as far as its processes are known. */
  readonly systemS: number;
  /** How long one request may have waited for a CPU in the system's processes. Only differences mean something. */
  readonly waitedS: number;
  /** Kept from running by a CPU quota. */
  readonly throttledS: number;
}

/** Where the system under test runs, and so whether it can have kept the load generator from running. */
export type SystemPlace =
  | "elsewhere"
  /** Its processes are known. */
  | "here"
  /** On this machine, in unknown processes: everything but faultline may belong to it. */
  | "somewhere here";

/** With a smaller share of the time between two readings, the system cannot have stopped the machine for long. */
const LEAST_SYSTEM_SHARE = 0.1;
/** Others can keep a thread from running only when the CPUs are hardly ever idle. */
const MOST_IDLE_SHARE = 0.1;
const MOST_IDLE_CPUS = 1;
/** Share of what the system and others took. When the others had less than this, the system waited for itself. */
const LEAST_OF_OTHERS = 0.25;

/** Shares of the available CPU time. @returns null when hardly any time has passed. */
export function useBetween(before: CpuTimes, after: CpuTimes): MachineUse | null {
  const all = after.allS - before.allS;
  if (all <= 0) return null;
  const share = (part: number) => Math.min(1, Math.max(0, Math.round((1000 * part) / all) / 1000));
  const stolen = before.stolenS === null || after.stolenS === null ? null : after.stolenS - before.stolenS;
  return { busy: share(after.busyS - before.busyS), stolen: stolen === null ? null : share(stolen) };
}

/** Who had the CPUs between two readings, in CPU seconds. */
export interface Taken {
  readonly system: number;
  readonly strangers: number;
  readonly own: number;
  readonly stolen: number;
  readonly throttled: number;
  /** 0..1: the system's greatest possible part in what kept the load generator from running. */
  readonly systemAtMost: number;
  /** How long one request may have waited for a CPU in the system's processes, when others kept them waiting. */
  readonly waited: number;
  /** The greatest such wait between two readings. */
  readonly waitedAtOnce: number;
}

export function takenBetween(before: MachineReading, after: MachineReading, place: SystemPlace): Taken {
  const between = (of: (reading: MachineReading) => number) => Math.max(0, of(after) - of(before));
  const all = between(({ cpus }) => cpus.allS);
  const busy = between(({ cpus }) => cpus.busyS);
  const own = between(({ ownS }) => ownS);
  const known = between(({ systemS }) => systemS);
  const others = Math.max(0, busy - own - known);
  const system = place === "somewhere here" ? known + others : known;
  const strangers = place === "somewhere here" ? 0 : others;
  const stolen = between(({ cpus }) => cpus.stolenS ?? 0);
  const throttled = between(({ throttledS }) => throttledS);
  const ofOthers = strangers + stolen + throttled;
  const isOfOthers = ofOthers > 0 && ofOthers >= LEAST_OF_OTHERS * (ofOthers + system);
  const waited = isOfOthers ? between(({ waitedS }) => waitedS) : 0;
  const taken = { system, strangers, own, stolen, throttled, waited, waitedAtOnce: waited };
  if (place === "elsewhere") return { ...taken, systemAtMost: 0 };
  const seconds = (after.atMs - before.atMs) / 1000;
  const idle = Math.max(0, all - busy - stolen);
  const isFull = idle <= MOST_IDLE_SHARE * all && idle <= MOST_IDLE_CPUS * seconds;
  // What a quota took from all of them is shared out by what each had used.
  const ofQuota = system + own > 0 ? (throttled * system) / (system + own) : 0;
  const itsOwn = system >= LEAST_SYSTEM_SHARE * all ? system : 0;
  const whole = itsOwn + (isFull ? strangers : 0) + stolen + throttled;
  return { ...taken, systemAtMost: whole > 0 ? Math.min(1, (itsOwn + ofQuota) / whole) : 0 };
}

/** What the machine does from `start` on, second by second, until `end`. */
export class MachineMeter {
  readonly #startMs: number;
  readonly #first: MachineReading;
  readonly #place: SystemPlace | null;
  #last: MachineReading;
  #isOver = false;
  readonly #seconds: Taken[] = [];

  /**
   * @param startMs the begin of the first second.
   * @param before the last reading before the start: a standstill that was under way then is seen as a whole.
   * @param place null: the seconds are not told, because too little is known of this machine.
   */
  constructor(startMs: number, before: MachineReading, place: SystemPlace | null) {
    this.#startMs = startMs;
    this.#first = before;
    this.#last = before;
    this.#place = place;
  }

  /** A later reading. What happened since the one before is spread over the seconds in between. */
  read(reading: MachineReading): void {
    if (this.#isOver || reading.atMs <= this.#last.atMs) return;
    if (this.#place !== null) this.#spread(takenBetween(this.#last, reading, this.#place), reading.atMs);
    this.#last = reading;
  }

  /** What comes later does not belong to this meter. */
  end(): void {
    this.#isOver = true;
  }

  soFar(): MachineUse | null {
    const use = useBetween(this.#first.cpus, this.#last.cpus);
    return use === null || this.#place === null || this.#seconds.length === 0
      ? use
      : { ...use, seconds: columns(this.#seconds) };
  }

  #spread(taken: Taken, untilMs: number): void {
    const fromS = (this.#last.atMs - this.#startMs) / 1000;
    const untilS = (untilMs - this.#startMs) / 1000;
    for (let second = Math.max(0, Math.floor(fromS)); second < untilS; second++) {
      const share = (Math.min(untilS, second + 1) - Math.max(fromS, second)) / (untilS - fromS);
      const before = this.#seconds[second] ?? NOTHING_TAKEN;
      this.#seconds[second] = {
        system: before.system + share * taken.system,
        strangers: before.strangers + share * taken.strangers,
        own: before.own + share * taken.own,
        stolen: before.stolen + share * taken.stolen,
        throttled: before.throttled + share * taken.throttled,
        waited: before.waited + share * taken.waited,
        waitedAtOnce: Math.max(before.waitedAtOnce, taken.waited),
        systemAtMost: Math.max(before.systemAtMost, taken.systemAtMost),
      };
    }
  }
}

const NOTHING_TAKEN: Taken = {
  system: 0,
  strangers: 0,
  own: 0,
  stolen: 0,
  throttled: 0,
  waited: 0,
  waitedAtOnce: 0,
  systemAtMost: 0,
};

function columns(seconds: readonly Taken[]): MachineSeconds {
  // A phase that was noticed late has no entries for its first seconds. The record must be whole.
  const whole = Array.from(seconds, (taken: Taken | undefined) => taken ?? NOTHING_TAKEN);
  const column = (of: keyof Taken) => whole.map((taken) => Math.round(1000 * taken[of]) / 1000);
  return {
    system: column("system"),
    strangers: column("strangers"),
    own: column("own"),
    stolen: column("stolen"),
    throttled: column("throttled"),
    waited: column("waited"),
    waitedAtOnce: column("waitedAtOnce"),
    systemAtMost: column("systemAtMost"),
  };
}
