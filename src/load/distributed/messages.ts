import { z } from "zod";
import type { ErrorCode } from "../../support/errors.js";
import type { Share } from "../share.js";
import type { FromThread, ToThread } from "../thread-messages.js";

/** Raised when these messages change: versions of faultline that differ in it never load together. */
export const PROTOCOL = 3;

/** From the run to one of its workers. Times are on the worker's clock. */
export type ToWorker =
  /** `packed`: the plan, which is written once for all workers. `shares`: one for each of its threads. */
  | { readonly kind: "prepare"; readonly packed: Uint8Array; readonly shares: readonly Share[] }
  | { readonly kind: "threads"; readonly message: ToThread }
  /** The run needs it no longer. */
  | { readonly kind: "stop" };

/** From a worker to its run. Times are on the worker's clock. */
export type ToRun =
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly code: ErrorCode | null; readonly message: string }
  /** What its threads have said in one turn, in order. */
  | { readonly kind: "threads"; readonly said: readonly SaidByThread[] }
  /** It heard of a change so long after the change; 0: before it. */
  | { readonly kind: "heard"; readonly lateMs: number }
  /** Its process ran out of something. What is measured meanwhile is not blamed on the system. */
  | { readonly kind: "spoilt"; readonly reason: string }
  /** It sends nothing any more. */
  | { readonly kind: "ended"; readonly reason: string };

export interface SaidByThread {
  /** Its place in `shares`. */
  readonly thread: number;
  readonly message: FromThread;
}

const text = z.string().min(1).max(300);
/** What a run or a worker is called on the server: a part of subjects. */
const token = z.string().regex(/^[0-9a-f]{16}$/);

/** A run looks for workers. Everybody on the server can read it, and send one. */
const call = z.object({
  protocol: z.number(),
  version: text,
  run: token,
  /** The run's public key. */
  key: text,
  /** Shows that the caller has the key of workers. */
  proof: text,
});

/** A worker's answer. */
const offer = z.object({
  protocol: z.number(),
  version: text,
  id: token,
  name: text,
  host: text,
  /** Two with the same have one network, and so one loopback. */
  place: text,
  isBusy: z.boolean(),
  key: text,
  proof: text,
});

/** A worker that cannot work for the run says why. */
const refusal = z.object({
  refused: z.enum(["key", "version"]),
  version: text,
  name: text,
  host: text,
});

const taking = z.object({ run: token, proof: text });
const taken = z.object({ isTaken: z.boolean() });

export type Call = z.output<typeof call>;
export type Offer = z.output<typeof offer>;
export type Refusal = z.output<typeof refusal>;
export type Taking = z.output<typeof taking>;

export const readRunCall = readerOf(call);
export const readOffer = readerOf(offer);
export const readRefusal = readerOf(refusal);
export const readTaking = readerOf(taking);
export const readTaken = readerOf(taken);

/** Anybody may send anything. @returns a function that returns null for what is none. */
function readerOf<Of>(schema: z.ZodType<Of>): (message: { string(): string }) => Of | null {
  return (message) => {
    try {
      return schema.safeParse(JSON.parse(message.string())).data ?? null;
    } catch {
      return null;
    }
  };
}

export const CALLS = "faultline.call";
/** What workers answer to a call, and refuse. */
export const offersOf = (run: string) => `faultline.run.${run}.offers`;
/** A worker is asked to work for a run, and answers whether it does. */
export const takingOf = (worker: string) => `faultline.worker.${worker}`;
export const toWorker = (run: string, worker: string) => `faultline.run.${run}.to.${worker}`;
export const fromWorker = (run: string, worker: string) => `faultline.run.${run}.from.${worker}`;
/** Where the server says that nobody listens to the worker's subject. */
export const goneOf = (run: string, worker: string) => `faultline.run.${run}.gone.${worker}`;
