import type { BothSides, Encounter } from "../../src/analysis/patterns/pattern.js";
import { EXCHANGE_ENDS, EXCHANGE_FLAGS, type ExchangeEnd } from "../../src/faults/http-traffic.js";
import { TimeHistogram } from "../../src/measure/histogram.js";
import type { PhaseRecord } from "../../src/measure/record.js";
import { RecordedTimes } from "../../src/measure/recorded-times.js";
import { type Random, seededRandom } from "../../src/support/random.js";
import { buildRecord } from "./record-builder.js";

/** What a service does when its dependency fails it. Times in ms. */
export interface Habits {
  /** null: it waits for ever. */
  readonly timeoutMs?: number | null;
  /** Waits before later attempts; none: it does not try again. */
  readonly retryAfterMs?: readonly number[];
  /** Share of the failures that it tries again; all of them where it is left out. */
  readonly retryShare?: number;
  /** Share of a wait that is drawn by chance on top of it. */
  readonly jitter?: number;
  /** Opens after these failures in a row, and lets one request through after `resetMs`. */
  readonly breaker?: { readonly failures: number; readonly resetMs: number } | null;
  readonly hasFallback?: boolean;
  /** The most connections at one time; the rest waits in line. As many as it needs where it is left out. */
  readonly pool?: number;
  readonly hasIdempotencyKey?: boolean;
}

/** What the fault does to each request. */
export interface Trouble {
  readonly delayMs?: number;
  readonly status?: number;
  /** Share of the requests that it acts on; the others are as before. */
  readonly share?: number;
}

export interface Simulation {
  readonly habits: Habits;
  readonly trouble: Trouble;
  readonly ratePerS?: number;
  readonly seed?: number;
  /** Requests of all clients are the same. */
  readonly areAlike?: boolean;
  /** Requests take turns. */
  readonly routes?: readonly string[];
  /** By how much timers and answers of a busy machine are late, on average. */
  readonly noiseMs?: number;
  readonly retryAfterS?: number | null;
  /** The service stands still for so long, again and again while the fault is on. */
  readonly stallMs?: number;
}

const BASELINE_S = 10;
const FAULT_S = 15;
const RECOVERY_S = 10;
const ANSWER_MS = 3;
const CLIENT_TIMEOUT_MS = 10_000;

interface Sent {
  readonly startMs: number;
  readonly endMs: number;
  readonly loggedMs: number;
  readonly end: ExchangeEnd;
  readonly status: number;
  readonly digest: number;
}

/** A service between a steady load and one dependency, event by event. */
class World {
  readonly #queue: { readonly atMs: number; readonly run: () => void }[] = [];
  readonly sent: Sent[] = [];
  readonly answers: {
    readonly dueMs: number;
    readonly tookMs: number;
    readonly isGood: boolean;
    readonly isLate: boolean;
  }[] = [];
  readonly #line: (() => void)[] = [];
  #underWay = 0;
  readonly #random: Random;
  readonly #simulation: Simulation;
  #failuresInRow = 0;
  #openUntilMs = Number.NEGATIVE_INFINITY;
  #isProbing = false;
  nowMs = 0;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#random = seededRandom(simulation.seed ?? 1);
  }

  run(): void {
    const { ratePerS = 40, areAlike } = this.#simulation;
    const requests = (BASELINE_S + FAULT_S + RECOVERY_S) * ratePerS;
    for (let number = 0; number < requests; number += 1) {
      const dueMs = (number * 1000) / ratePerS;
      this.#at(dueMs, () => this.#serve(dueMs, areAlike ? 1 : number + 1));
    }
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      this.nowMs = next.atMs;
      next.run();
    }
  }

  #at(atMs: number, run: () => void): void {
    let place = this.#queue.length;
    while (place > 0 && (this.#queue[place - 1]?.atMs ?? 0) > atMs) place -= 1;
    this.#queue.splice(place, 0, { atMs, run });
  }

  #after(ms: number, run: () => void): void {
    const { noiseMs = 0 } = this.#simulation;
    this.#at(this.nowMs + ms - noiseMs * Math.log(1 - this.#random()), run);
  }

  #serve(dueMs: number, digest: number): void {
    const untilMs = this.#standsStillUntil();
    if (untilMs > this.nowMs) {
      this.#at(untilMs, () => this.#serve(dueMs, digest));
      return;
    }
    const { breaker = null } = this.#simulation.habits;
    const isOpen = breaker !== null && (this.nowMs < this.#openUntilMs || this.#isProbing);
    if (isOpen) {
      this.#end(dueMs, false);
      return;
    }
    const isProbe = breaker !== null && this.#failuresInRow >= breaker.failures;
    this.#isProbing = isProbe;
    this.#try(dueMs, digest, 0, isProbe);
  }

  /** Each two seconds of the fault begin with a standstill. */
  #standsStillUntil(): number {
    const { stallMs = 0 } = this.#simulation;
    const inFaultMs = this.nowMs - BASELINE_S * 1000;
    if (inFaultMs < 2_000 || inFaultMs >= FAULT_S * 1000) return 0;
    return this.nowMs - (inFaultMs % 2_000) + stallMs;
  }

  #try(dueMs: number, digest: number, made: number, isProbe: boolean): void {
    const { pool = Number.POSITIVE_INFINITY } = this.#simulation.habits;
    if (this.#underWay >= pool) this.#line.push(() => this.#send(dueMs, digest, made, isProbe));
    else this.#send(dueMs, digest, made, isProbe);
  }

  #send(dueMs: number, digest: number, made: number, isProbe: boolean): void {
    const { timeoutMs = null, retryAfterMs = [], retryShare = 1, jitter = 0 } = this.#simulation.habits;
    const { delayMs, status } = this.#troubleNow();
    const startMs = this.nowMs;
    const isTimedOut = timeoutMs !== null && delayMs > timeoutMs;
    this.#underWay += 1;
    this.#after(isTimedOut ? timeoutMs : delayMs, () => {
      this.sent.push({
        startMs,
        endMs: this.nowMs,
        loggedMs: isTimedOut ? startMs + delayMs : this.nowMs,
        end: isTimedOut ? "given_up" : "answered",
        status: isTimedOut ? 0 : status,
        digest,
      });
      this.#underWay -= 1;
      this.#line.shift()?.();
      const wait = retryAfterMs[made];
      if (!isTimedOut && status < 500 && status !== 429) {
        this.#failuresInRow = 0;
        this.#isProbing = false;
        this.#end(dueMs, true);
      } else if (wait !== undefined && (retryShare === 1 || this.#random() < retryShare))
        this.#after(wait * (1 + jitter * this.#random()), () => this.#try(dueMs, digest, made + 1, isProbe));
      else this.#failed(dueMs, isProbe);
    });
  }

  #failed(dueMs: number, isProbe: boolean): void {
    const { breaker = null } = this.#simulation.habits;
    this.#failuresInRow += 1;
    if (isProbe) this.#isProbing = false;
    if (breaker !== null && this.#failuresInRow >= breaker.failures)
      this.#openUntilMs = this.nowMs + breaker.resetMs;
    this.#end(dueMs, false);
  }

  #troubleNow(): { readonly delayMs: number; readonly status: number } {
    const inFault = this.nowMs >= BASELINE_S * 1000 && this.nowMs < (BASELINE_S + FAULT_S) * 1000;
    const { delayMs = ANSWER_MS, status = 200, share = 1 } = this.#simulation.trouble;
    return inFault && this.#random() < share ? { delayMs, status } : { delayMs: ANSWER_MS, status: 200 };
  }

  #end(dueMs: number, wasServed: boolean): void {
    const isLate = this.nowMs - dueMs > CLIENT_TIMEOUT_MS;
    this.answers.push({
      dueMs,
      tookMs: Math.min(this.nowMs - dueMs, CLIENT_TIMEOUT_MS),
      isLate,
      isGood: !isLate && (wasServed || this.#simulation.habits.hasFallback === true),
    });
  }
}

/** Runs a service through a fault. */
export function simulated(simulation: Simulation): Encounter {
  const world = new World(simulation);
  world.run();
  const faultUntilS = BASELINE_S + FAULT_S;
  return {
    proxy: "inventory",
    baseline: sidesOf(world, simulation, 0, BASELINE_S),
    fault: sidesOf(world, simulation, BASELINE_S, faultUntilS),
    recovery: sidesOf(world, simulation, faultUntilS, faultUntilS + RECOVERY_S),
    injectedAtS: BASELINE_S,
    removedAtS: faultUntilS,
    clientTimeoutS: CLIENT_TIMEOUT_MS / 1000,
    retryAfterS: simulation.retryAfterS ?? null,
  };
}

function sidesOf(world: World, simulation: Simulation, fromS: number, untilS: number): BothSides {
  const { habits, routes = ["POST /reserve"] } = simulation;
  const within = <T>(items: readonly T[], at: (item: T) => number) =>
    items.filter((item) => at(item) >= fromS * 1000 && at(item) < untilS * 1000);
  // What was given up is logged when the dependency has answered it.
  const ended = within(world.sent, ({ loggedMs }) => loggedMs);
  const routeOf = ({ digest }: Sent) => digest % routes.length;
  const countsOf = (route: string, place: number) => {
    const own = ended.filter((sent) => routeOf(sent) === place);
    const statuses: Record<string, number> = {};
    for (const { status } of own) {
      const key = status === 0 ? "none" : String(status);
      statuses[key] = (statuses[key] ?? 0) + 1;
    }
    return { route, requests: own.length, actedOn: 0, statuses };
  };
  const perSecond = (startsMs: readonly number[]) => {
    const counts = new Array<number>(untilS - fromS).fill(0);
    for (const ms of startsMs) {
      const second = Math.floor(ms / 1000) - fromS;
      if (second in counts) counts[second]! += 1;
    }
    return counts;
  };
  const requests = perSecond(within(world.sent, ({ startMs }) => startMs).map(({ startMs }) => startMs));
  const none = requests.map(() => 0);
  return {
    client: clientSide(world, perSecond, fromS, untilS),
    upstream: [
      {
        proxy: "inventory",
        startS: fromS,
        seconds: { requests, opened: none, open: none, givenUp: none },
        routes: routes.map(countsOf),
        unreadable: 0,
        exchanges: {
          omitted: 0,
          endTenthMs: ended.map(({ endMs }) => Math.round((endMs - fromS * 1000) * 10)),
          tookTenthMs: ended.map(({ startMs, endMs }) => Math.round((endMs - startMs) * 10)),
          connection: ended.map(() => 1),
          route: ended.map(routeOf),
          status: ended.map(({ status }) => status),
          end: ended.map(({ end }) => EXCHANGE_ENDS.indexOf(end)),
          digest: ended.map(({ digest }) => digest),
          flags: ended.map(() => (habits.hasIdempotencyKey ? EXCHANGE_FLAGS.idempotencyKey : 0)),
        },
      },
    ],
  };
}

function clientSide(
  world: World,
  perSecond: (startsMs: readonly number[]) => number[],
  fromS: number,
  untilS: number,
): PhaseRecord {
  const counts = (isOne: (answer: World["answers"][number]) => boolean) =>
    perSecond(world.answers.filter(isOne).map(({ dueMs }) => dueMs));
  const [phase] = buildRecord({
    ratePerS: 1,
    slos: ["p50 < 5s"],
    phases: [{ kind: "baseline", seconds: untilS - fromS }],
  }).phases;
  if (!phase) throw new Error("a phase was sketched");
  const none = counts(() => false);
  const times = (isOne: (answer: World["answers"][number]) => boolean) => {
    const histogram = new TimeHistogram();
    for (const answer of world.answers) {
      const isOwn = answer.dueMs >= fromS * 1000 && answer.dueMs < untilS * 1000;
      if (isOwn && isOne(answer)) histogram.record(answer.tookMs * 1000);
    }
    return new RecordedTimes(histogram.toSparse());
  };
  const failed = times(({ isGood }) => !isGood);
  return {
    ...phase,
    startS: fromS,
    durationS: untilS - fromS,
    all: {
      ...phase.all,
      scheduled: counts(() => true),
      outcomes: {
        ok: counts(({ isGood }) => isGood),
        http_error: counts(({ isGood, isLate }) => !isGood && !isLate),
        timeout: counts(({ isLate }) => isLate),
        refused: none,
        reset: none,
        unsent: none,
      },
      histograms: { ...phase.all.histograms, dispatchLatency: times(({ isGood }) => isGood) },
      ...(failed.count > 0
        ? {
            timeToFailure: {
              slow: [],
              ms: { p50: none, p90: none, p99: none, max: none },
              byOutcome: { http_error: failed },
              dispatch: failed,
            },
          }
        : {}),
    },
  };
}
