import type { WorkerRecord } from "../../measure/workers/worker-record.js";
import type { LoadPlan, LoadTarget } from "../../plan/load-plan.js";
import { monotonicMs, sleep } from "../../support/clock.js";
import { countOf } from "../../support/count-of.js";
import { FaultlineError } from "../../support/errors.js";
import { hostOf, isLoopback } from "../../support/hosts.js";
import { MergedLoad } from "../merged-load.js";
import type { LoadSession, LoadSessionOptions } from "../session.js";
import { connectionsOf } from "../share.js";
import { sendableBy } from "../start-load.js";
import { AbsentShares } from "./absent/absent-shares.js";
import { gatherWorkers } from "./gather-workers.js";
import { connectToNats, leaveNats, type NatsServer } from "./nats-server.js";
import { natsUrl, shownNatsUrl } from "./nats-url.js";
import { networkPlaceId } from "./place.js";
import { type LoadingWorker, RemoteGenerators } from "./remote-generators.js";
import type { RemoteWorker } from "./remote-worker.js";
import { workersKeyOf } from "./workers-key.js";

/** Round trips from which a clock is known. The shortest of them tells most. */
const TRIPS = 12;
const TRIP_EVERY_MS = 15;
/** A change is announced this long ahead, and the longest round trip. */
const ANNOUNCE_MS = 60;
const MOST_ANNOUNCE_MS = 500;
const FIRST_ANNOUNCE_MS = 500;

export interface CrewOptions {
  readonly url: string;
  /** null: as many as there are. */
  readonly expect: number | null;
  readonly withinMs: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly signal: AbortSignal;
  readonly onStatus: (text: string) => void;
  /** Something that the record should tell. */
  readonly onWarning: (text: string) => void;
}

export type CrewLoadOptions = LoadSessionOptions & {
  readonly onSpoilt: (reason: string) => void;
};

/** Workers that make the load of one run, and of no other. */
export class Crew {
  readonly #nats: NatsServer;
  readonly #options: CrewOptions;
  readonly #workers: readonly RemoteWorker[];
  #loading: readonly LoadingWorker[] = [];
  readonly #lostMs = new Map<RemoteWorker, number>();
  #isClosed = false;

  private constructor(nats: NatsServer, options: CrewOptions, workers: readonly RemoteWorker[]) {
    this.#nats = nats;
    this.#options = options;
    this.#workers = workers;
    void this.#watchServer();
  }

  /** @throws FaultlineError USAGE, FILE_NOT_FOUND, NATS_UNREACHABLE, NATS_UNAUTHORIZED or WORKERS_MISSING. */
  static async gather(options: CrewOptions): Promise<Crew> {
    const { url, env, version, expect, withinMs, signal, onStatus } = options;
    const server = natsUrl(url);
    const workersKey = workersKeyOf(env, server);
    const nats = await connectToNats({ url, env, name: "faultline run" });
    try {
      const serverUrl = shownNatsUrl(server);
      const gathering = {
        nats,
        workersKey,
        version,
        expect,
        withinMs,
        serverUrl,
        signal,
        onWaiting: onStatus,
      };
      return new Crew(nats, options, await gatherWorkers(gathering));
    } catch (error) {
      await leaveNats(nats);
      throw error;
    }
  }

  /** All are in this process's own network. */
  get isHere(): boolean {
    const place = networkPlaceId();
    return this.#workers.every(({ offer }) => offer.place === place);
  }

  get names(): readonly string[] {
    return this.#workers.map(({ name, offer }) => `${name} on ${offer.host}`);
  }

  /** @throws FaultlineError TARGET_NOT_SHARED: the target is on this machine, and a worker is not. */
  refuseUnshared({ url, socketPath }: LoadTarget): void {
    if (socketPath === null && !isLoopback(hostOf(new URL(url)))) return;
    const place = networkPlaceId();
    const away = this.#workers.find(({ offer }) => offer.place !== place);
    if (away === undefined) return;
    const what = socketPath === null ? `load.target ${url}` : `load.socket ${socketPath}`;
    const { name, offer } = away;
    throw new FaultlineError(
      "TARGET_NOT_SHARED",
      `${what} is on this machine, and worker ${name} on ${offer.host} is in another network`,
    );
  }

  /** Starts the threads of the workers. Load itself begins with the first segment. @throws FaultlineError. */
  async startLoad({ onSpoilt, ...options }: CrewLoadOptions): Promise<LoadSession> {
    const { plan } = options;
    sendableBy(plan);
    const threadsEach = this.#threadsEach(plan);
    const owners = this.#workers.flatMap(({ name }) => Array.from({ length: threadsEach }, () => name));
    const longestTripMs = await this.#readClocks();
    const announceMs = Math.min(MOST_ANNOUNCE_MS, Math.ceil(ANNOUNCE_MS + longestTripMs));
    const session = new MergedLoad<RemoteGenerators>({
      ...options,
      announceMs,
      firstAnnounceMs: FIRST_ANNOUNCE_MS + announceMs,
      absences: new AbsentShares(plan, owners),
    });
    const remote = {
      plan,
      workers: this.#workers,
      threadsEach,
      onSpoilt: (worker: string, reason: string) => onSpoilt(`worker ${worker}: ${reason}`),
      onLost: (worker: RemoteWorker, reason: string) => this.#lost(worker, reason),
    };
    await session.open((listener) => RemoteGenerators.start(remote, listener));
    this.#loading = session.generators.workers;
    return session;
  }

  /** @param secondsAt since the load began. */
  records(phases: readonly string[], secondsAt: (atMs: number) => number): readonly WorkerRecord[] {
    return this.#loading.map(({ worker, generators, tally, lateMs }) => {
      const { offsetMs, errorMs } = worker.line.clock.best(monotonicMs()) ?? { offsetMs: 0, errorMs: 0 };
      const lostMs = this.#lostMs.get(worker);
      return {
        name: worker.name,
        host: worker.offer.host,
        threads: generators.length,
        clock: { offsetMs: rounded(offsetMs), errorMs: rounded(errorMs) },
        lateMs: rounded(lateMs),
        lost: lostMs === undefined ? null : { atS: secondsAt(lostMs), reason: worker.lostBecause ?? "" },
        phases: tally.seenOf(phases),
      };
    });
  }

  /** Workers may work for others. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const worker of this.#workers) {
      if (worker.lostBecause === null) worker.line.send({ kind: "stop" });
      worker.close();
    }
    await leaveNats(this.#nats);
  }

  /** Each needs a connection at least. */
  #threadsEach({ workers, model }: LoadPlan): number {
    const connections = connectionsOf(model);
    const most = Math.floor(connections / this.#workers.length);
    if (most >= 1) return Math.min(workers, most);
    throw new FaultlineError(
      "SCENARIO_INVALID",
      `${countOf(this.#workers.length, "worker")} cannot share ${countOf(connections, "connection")} of the load`,
    );
  }

  /** @returns the longest round trip. */
  async #readClocks(): Promise<number> {
    for (let trip = 0; trip < TRIPS; trip++) {
      for (const { line } of this.#workers) line.beat();
      await sleep(TRIP_EVERY_MS, this.#options.signal);
    }
    return Math.max(0, ...this.#workers.map(({ line }) => line.clock.longestTripMs));
  }

  /** @returns what is said of it. */
  #lost(worker: RemoteWorker, reason: string): string {
    const text = `worker ${worker.name} on ${worker.offer.host} was lost: ${reason}`;
    this.#lostMs.set(worker, monotonicMs());
    this.#options.onWarning(text);
    return text;
  }

  async #watchServer(): Promise<void> {
    const { onWarning } = this.#options;
    const server = shownNatsUrl(natsUrl(this.#options.url));
    for await (const status of this.#nats.status()) {
      if (this.#isClosed) return;
      if (status.type === "disconnect") onWarning(`the connection to the NATS server ${server} was lost`);
      if (status.type === "error") onWarning(`the NATS server ${server}: ${status.error.message}`);
      if (status.type !== "reconnect") continue;
      onWarning(`the connection to the NATS server ${server} is there again`);
      for (const worker of this.#workers) worker.reconnected();
    }
  }
}

function rounded(ms: number): number {
  return Math.round(1000 * ms) / 1000;
}
