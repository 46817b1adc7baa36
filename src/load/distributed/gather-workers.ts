import { randomBytes } from "node:crypto";
import { monotonicMs, sleep } from "../../support/clock.js";
import { countOf } from "../../support/count-of.js";
import { FaultlineError } from "../../support/errors.js";
import { formatSeconds } from "../../support/format.js";
import { BeatWheel } from "./beat-wheel.js";
import { eachAtMost } from "./each-at-most.js";
import {
  CALLS,
  type Offer,
  offersOf,
  PROTOCOL,
  type Refusal,
  readOffer,
  readRefusal,
  readTaken,
  takingOf,
} from "./messages.js";
import type { NatsServer } from "./nats-server.js";
import { RemoteWorker } from "./remote-worker.js";
import { isProof, keyProof, newRunKey, type RunKey, type Seal } from "./sealing.js";

const CALL_EVERY_MS = 500;
const LOOK_EVERY_MS = 50;
/** Without a number of workers to wait for: no other one has come for this long. */
const NO_OTHER_MS = 1_000;
const TAKE_TIMEOUT_MS = 2_000;
/** Keys are agreed on meanwhile. A thousand answers at once would lie unread until they are late. */
const MOST_TAKEN_AT_ONCE = 50;
/** Of more workers than this that did not come, an error only says how many they are. */
const MOST_NAMED = 10;

export interface GatherOptions {
  readonly nats: NatsServer;
  readonly workersKey: string;
  readonly version: string;
  /** null: as many as there are. */
  readonly expect: number | null;
  readonly withinMs: number;
  /** Shown in errors. */
  readonly serverUrl: string;
  readonly signal: AbortSignal;
  /** Some are there, and some are waited for. */
  readonly onWaiting: (text: string) => void;
}

/**
 * Finds idle workers of this version, and has them work for this run alone. They are sorted by name.
 * @throws FaultlineError WORKERS_MISSING: too few came in time.
 */
export async function gatherWorkers(options: GatherOptions): Promise<readonly RemoteWorker[]> {
  const gathering = new Gathering(options);
  try {
    return await gathering.run();
  } catch (error) {
    gathering.release();
    throw error;
  } finally {
    gathering.end();
  }
}

type Subscription = ReturnType<NatsServer["subscribe"]>;

class Gathering {
  readonly #options: GatherOptions;
  readonly #run = randomBytes(8).toString("hex");
  readonly #key: RunKey;
  readonly #offers = new Map<string, Offer>();
  readonly #refusals = new Map<string, Refusal>();
  readonly #taken = new Map<string, RemoteWorker>();
  readonly #answers: Subscription;
  readonly #beats = new BeatWheel();
  #calledMs = Number.NEGATIVE_INFINITY;
  #changedMs = monotonicMs();

  constructor(options: GatherOptions) {
    const { nats, workersKey } = options;
    this.#options = options;
    this.#key = newRunKey(workersKey);
    this.#answers = nats.subscribe(offersOf(this.#run), {
      callback: (error, message) => {
        if (error === null) this.#onAnswer(readOffer(message), readRefusal(message));
      },
    });
  }

  async run(): Promise<readonly RemoteWorker[]> {
    const { expect, withinMs, signal, onWaiting } = this.#options;
    const untilMs = monotonicMs() + withinMs;
    let told = -1;
    while (!this.#isComplete()) {
      if (monotonicMs() >= untilMs) throw this.#missing();
      this.#call();
      await this.#takeFree();
      const { size } = this.#taken;
      if (size !== told) onWaiting(`waiting for workers: ${size}${expect === null ? "" : ` of ${expect}`}`);
      told = size;
      await sleep(LOOK_EVERY_MS, signal);
    }
    return named([...this.#taken.values()]);
  }

  end(): void {
    if (!this.#options.nats.isClosed()) this.#answers.unsubscribe();
  }

  /** They may work for others. */
  release(): void {
    for (const worker of this.#taken.values()) {
      worker.line.send({ kind: "stop" });
      worker.close();
    }
  }

  #isComplete(): boolean {
    const { expect } = this.#options;
    for (const [id, { lostBecause }] of this.#taken) {
      if (lostBecause !== null) this.#forget(id);
    }
    const { size } = this.#taken;
    return expect === null ? size > 0 && monotonicMs() - this.#changedMs > NO_OTHER_MS : size >= expect;
  }

  #forget(id: string): void {
    this.#taken.delete(id);
    this.#offers.delete(id);
    this.#changedMs = monotonicMs();
  }

  #call(): void {
    const nowMs = monotonicMs();
    if (nowMs - this.#calledMs < CALL_EVERY_MS) return;
    this.#calledMs = nowMs;
    const { nats, version, workersKey } = this.#options;
    const key = this.#key.publicText;
    const proof = keyProof(workersKey, "call", this.#run, key);
    nats.publish(CALLS, JSON.stringify({ protocol: PROTOCOL, version, run: this.#run, key, proof }));
  }

  #onAnswer(offer: Offer | null, refusal: Refusal | null): void {
    const { version, workersKey } = this.#options;
    if (refusal !== null) this.#refusals.set(`${refusal.name} ${refusal.host}`, refusal);
    if (offer === null) return;
    const { name, host } = offer;
    const isOfKey = isProof(offer.proof, workersKey, "offer", this.#run, offer.id, offer.key);
    if (!isOfKey || offer.protocol !== PROTOCOL || offer.version !== version) {
      const refused = isOfKey ? "version" : "key";
      this.#refusals.set(`${name} ${host}`, { refused, version: offer.version, name, host });
      return;
    }
    if (!this.#offers.has(offer.id)) this.#changedMs = monotonicMs();
    this.#offers.set(offer.id, offer);
  }

  async #takeFree(): Promise<void> {
    const { expect } = this.#options;
    const wanted = (expect ?? Number.POSITIVE_INFINITY) - this.#taken.size;
    const free = [...this.#offers.values()].filter(({ id, isBusy }) => !isBusy && !this.#taken.has(id));
    await eachAtMost(MOST_TAKEN_AT_ONCE, free.slice(0, Math.max(0, wanted)), (offer) => this.#take(offer));
  }

  async #take(offer: Offer): Promise<void> {
    const { nats, workersKey } = this.#options;
    const proof = keyProof(workersKey, "take", this.#run, offer.id, offer.key);
    // Its first words may come before the answer.
    const seal = this.#sealWith(offer);
    if (seal === null) {
      this.#offers.delete(offer.id);
      return;
    }
    const worker = new RemoteWorker({ nats, beats: this.#beats, run: this.#run, offer, seal });
    try {
      const asked = JSON.stringify({ run: this.#run, proof });
      const answer = await nats.request(takingOf(offer.id), asked, { timeout: TAKE_TIMEOUT_MS });
      if (readTaken(answer)?.isTaken === true) {
        this.#taken.set(offer.id, worker);
        this.#changedMs = monotonicMs();
        return;
      }
    } catch {
      // It is gone, or too busy to answer.
    }
    // It may believe that it was taken, when its answer was late or got lost.
    worker.line.send({ kind: "stop" });
    worker.close();
    this.#offers.delete(offer.id);
  }

  /** @returns null when its key is none. */
  #sealWith({ key }: Offer): Seal | null {
    try {
      return this.#key.agree(key, this.#run, "run");
    } catch {
      return null;
    }
  }

  #missing(): FaultlineError {
    const { expect, withinMs, serverUrl, version } = this.#options;
    const came = this.#taken.size;
    const within = `within ${formatSeconds(withinMs / 1000)} at ${serverUrl}`;
    const what =
      expect === null || came === 0
        ? `no worker came ${within}`
        : `${came} of ${countOf(expect, "worker")} came ${within}`;
    const busy = [...this.#offers.values()].filter(({ id, isBusy }) => isBusy && !this.#taken.has(id));
    const whys = [
      ...busy.map(({ name, host }) => `${name} on ${host} works for another run`),
      ...[...this.#refusals.values()].map(({ refused, name, host, version: theirs }) =>
        refused === "key"
          ? `${name} on ${host} has another FAULTLINE_WORKERS_KEY`
          : `${name} on ${host} is of faultline ${theirs}, and this is ${version}`,
      ),
    ];
    const more = whys.length > MOST_NAMED ? [`and ${whys.length - MOST_NAMED} more`] : [];
    return new FaultlineError("WORKERS_MISSING", [what, ...whys.slice(0, MOST_NAMED), ...more].join("; "));
  }
}

/** In the order of their names. Those of one name get a number. */
function named(workers: readonly RemoteWorker[]): readonly RemoteWorker[] {
  const sorted = workers.toSorted((a, b) =>
    a.offer.name < b.offer.name ? -1 : a.offer.name > b.offer.name ? 1 : 0,
  );
  const taken = new Set<string>();
  for (const worker of sorted) {
    let name = worker.offer.name;
    for (let number = 2; taken.has(name); number += 1) name = `${worker.offer.name} (${number})`;
    taken.add(name);
    worker.name = name;
  }
  return sorted;
}
