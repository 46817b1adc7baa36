/** A server of ours in a thread of its own, so that load and screen do not disturb what passes through it. */
import { Worker } from "node:worker_threads";
import { withDeadline } from "../../support/clock.js";
import { messageOf } from "../../support/errors.js";
import { type Standstill, StandstillLog } from "../../support/standstills.js";

const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 3_000;

/** The message that ends a thread. */
export const STOP = "stop";

export interface ServerThreadOptions<Message> {
  readonly file: URL;
  /** What the thread is started with, beside the memory for its standstills. */
  readonly data: object;
  /** For messages: "the embedded Toxiproxy". */
  readonly name: string;
  readonly onMessage?: (message: Message) => void;
  /** A connection was lost to a limit of this process; the system's code for it. */
  readonly onLimit: (code: string) => void;
  /** The error to throw when it does not start. */
  readonly error: (why: string) => Error;
}

/** What a thread posts: what it has to say, or that a limit was hit. */
export type FromServerThread<Message> = { readonly said: Message } | { readonly limit: string };

/** What every thread of a server is started with. */
export interface ServerThreadData {
  readonly standstills: SharedArrayBuffer;
}

export interface ServerThread<Message> {
  /** What it said first. */
  readonly first: Message;
  /** Resolves with the reason when the thread ends by itself. Its ports are closed then. */
  readonly died: Promise<string>;
  send(message: object): void;
  /** When the thread stood still, and with it everything that passes through it. */
  standstills(fromMs: number, untilMs: number): readonly Standstill[];
  /** Ends the thread. When it resolves, every port and connection is closed. Idempotent. */
  stop(): Promise<void>;
}

/** Starts a thread and waits for its first message. */
export async function startServerThread<Message>({
  file,
  data,
  name,
  onMessage,
  onLimit,
  error,
}: ServerThreadOptions<Message>): Promise<ServerThread<Message>> {
  const log = new StandstillLog();
  const own: ServerThreadData = { standstills: log.shared };
  const worker = new Worker(file, { workerData: { ...data, ...own } });
  let stopping: Promise<void> | null = null;
  let lastError = "";
  worker.on("error", (thrown) => {
    lastError = `: ${messageOf(thrown)}`;
  });
  const exited = new Promise<number>((resolve) => worker.once("exit", resolve));
  const died = new Promise<string>((resolve) => {
    exited.then((code) => {
      if (!stopping) resolve(`${name} ended by itself (exit code ${code})${lastError}`);
    });
  });

  async function stopWorker(): Promise<void> {
    worker.postMessage(STOP);
    // A thread that does not get to its messages is ended from outside. Its ports close with it.
    await withDeadline(exited, STOP_DEADLINE_MS, () => new Error("late")).catch(() => worker.terminate());
  }
  const stop = () => {
    stopping ??= stopWorker();
    return stopping;
  };

  const firstSaid = new Promise<{ readonly said: Message }>((resolve) => {
    // The file sends nothing else.
    worker.on("message", (message: FromServerThread<Message>) => {
      if ("limit" in message) return onLimit(message.limit);
      resolve(message);
      onMessage?.(message.said);
    });
  });
  const first = await withDeadline(Promise.race([firstSaid, died]), START_DEADLINE_MS, () =>
    error(`${name} did not start within ${START_DEADLINE_MS / 1000} s`),
  ).catch(async (reason: unknown) => {
    await worker.terminate();
    throw reason;
  });
  if (typeof first === "string") throw error(first);
  return {
    first: first.said,
    died,
    send: (message) => worker.postMessage(message),
    standstills: (fromMs, untilMs) => log.between(fromMs, untilMs),
    stop,
  };
}
