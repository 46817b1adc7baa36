import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import {
  CALLS,
  type Call,
  offersOf,
  PROTOCOL,
  type Refusal,
  readRunCall,
  readTaking,
  takingOf,
} from "../messages.js";
import type { NatsServer } from "../nats-server.js";
import { networkPlaceId } from "../place.js";
import { isProof, keyProof, newRunKey, type RunKey, type Seal } from "../sealing.js";
import { Assignment, type AssignmentOptions } from "./assignment.js";

/** Runs that have called and that this worker may still be asked for. */
const MOST_CALLS = 32;

export interface ServeOptions extends Pick<AssignmentOptions, "prepare" | "startThreads" | "say"> {
  readonly nats: NatsServer;
  readonly name: string;
  readonly version: string;
  readonly workersKey: string;
  /** Leaves after the first run. */
  readonly once: boolean;
  /** Aborted: stop at once. Its reason is told. */
  readonly signal: AbortSignal;
}

/** Works for runs, one after the other, until it is told to leave, or the connection is closed for good. */
export async function serveRuns(options: ServeOptions): Promise<void> {
  const server = new RunServer(options);
  const { nats, signal } = options;
  const leave = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
  const closed = nats.closed().then(() => {});
  await Promise.race([leave, closed, ...(options.once ? [server.servedOne] : [])]);
  await server.leave(
    signal.aborted ? `the worker was stopped by ${String(signal.reason)}` : "the worker leaves",
  );
}

interface CalledBy {
  readonly call: Call;
  readonly key: RunKey;
}

class RunServer {
  readonly servedOne: Promise<void>;
  readonly #options: ServeOptions;
  readonly #id = randomBytes(8).toString("hex");
  readonly #calls = new Map<string, CalledBy>();
  readonly #refused = new Set<string>();
  readonly #tellServed: () => void;
  #assignment: Assignment | null = null;

  constructor(options: ServeOptions) {
    this.#options = options;
    let tellServed = () => {};
    this.servedOne = new Promise<void>((resolve) => {
      tellServed = resolve;
    });
    this.#tellServed = tellServed;
    const { nats } = options;
    nats.subscribe(CALLS, {
      callback: (error, message) => {
        const call = error === null ? readRunCall(message) : null;
        if (call !== null) this.#onCall(call);
      },
    });
    nats.subscribe(takingOf(this.#id), {
      callback: (error, message) => {
        const taking = error === null ? readTaking(message) : null;
        if (taking === null) return;
        message.respond(JSON.stringify({ isTaken: this.#take(taking.run, taking.proof) }));
      },
    });
  }

  async leave(reason: string): Promise<void> {
    await this.#assignment?.end(reason);
  }

  #onCall(call: Call): void {
    const { nats, workersKey, version, name } = this.#options;
    const hasKey = isProof(call.proof, workersKey, "call", call.run, call.key);
    if (!hasKey || call.protocol !== PROTOCOL || call.version !== version) {
      this.#refuse(call, hasKey ? "version" : "key");
      return;
    }
    const { key } = this.#remember(call);
    const offer = {
      protocol: PROTOCOL,
      version,
      id: this.#id,
      name,
      host: hostname(),
      place: networkPlaceId(),
      isBusy: this.#isBusyFor(call.run),
      key: key.publicText,
      proof: keyProof(workersKey, "offer", call.run, this.#id, key.publicText),
    };
    nats.publish(offersOf(call.run), JSON.stringify(offer));
  }

  #refuse({ run, version: theirs }: Call, refused: Refusal["refused"]): void {
    const { nats, version, name, say } = this.#options;
    nats.publish(offersOf(run), JSON.stringify({ refused, version, name, host: hostname() }));
    if (this.#refused.has(run)) return;
    this.#refused.add(run);
    say(
      refused === "key"
        ? "refused a run: it has another FAULTLINE_WORKERS_KEY"
        : `refused a run of faultline ${theirs}: this worker is of ${version}`,
    );
  }

  #remember(call: Call): CalledBy {
    const known = this.#calls.get(call.run);
    if (known !== undefined && known.call.key === call.key) return known;
    const called = { call, key: newRunKey(this.#options.workersKey) };
    this.#calls.set(call.run, called);
    const [oldest] = this.#calls.keys();
    if (this.#calls.size > MOST_CALLS && oldest !== undefined) this.#calls.delete(oldest);
    return called;
  }

  #isBusyFor(run: string): boolean {
    return this.#assignment !== null && !this.#assignment.isStillFree(run);
  }

  /** @returns whether it works for that run. */
  #take(run: string, proof: string): boolean {
    const { nats, workersKey, prepare, startThreads, say } = this.#options;
    const called = this.#calls.get(run);
    if (called === undefined || this.#isBusyFor(run)) return false;
    // It names the key of the offer. After an offer that came late this worker may have another.
    if (!isProof(proof, workersKey, "take", run, this.#id, called.key.publicText)) return false;
    if (this.#assignment !== null) return true;
    const seal = sealWith(called, run);
    if (seal === null) return false;
    const assignment = new Assignment({ nats, run, worker: this.#id, seal, prepare, startThreads, say });
    this.#assignment = assignment;
    say("works for a run");
    void assignment.over.then(() => {
      this.#assignment = null;
      this.#calls.delete(run);
      this.#tellServed();
    });
    return true;
  }
}

/** @returns null when the run's key is none. */
function sealWith({ call, key }: CalledBy, run: string): Seal | null {
  try {
    return key.agree(call.key, run, "worker");
  } catch {
    return null;
  }
}
