import { FaultlineError } from "../../../support/errors.js";
import { type ServerThread, startServerThread } from "../../between/server-thread.js";
import { type Asked, ThreadQuestions } from "../../between/thread-questions.js";
import type { TlsFault } from "../../tls-fault.js";
import type { FromTerminators, PlaceCounts, Question, TerminatorPlace } from "./messages.js";

type Questions = ThreadQuestions<Question, readonly PlaceCounts[]>;

/** What ends TLS in a run, as other threads see it. */
export class Terminators {
  /** host:port by proxy. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Resolves with the reason when their thread ends without having been told to. */
  readonly died: Promise<string>;
  readonly standstills: ServerThread<FromTerminators>["standstills"];
  readonly #thread: ServerThread<FromTerminators>;
  readonly #questions: Questions;

  constructor(
    thread: ServerThread<FromTerminators>,
    addresses: ReadonlyMap<string, string>,
    questions: Questions,
  ) {
    this.#thread = thread;
    this.addresses = addresses;
    this.died = thread.died;
    this.standstills = thread.standstills;
    this.#questions = questions;
    thread.died.then((reason) => questions.end(failed(reason)));
  }

  /** What is to be done to handshakes from now on; resolves with what was counted until then. */
  set(faults: ReadonlyMap<string, TlsFault>): Promise<readonly PlaceCounts[]> {
    return this.#questions.ask({ ask: "set", faults: Object.fromEntries(faults) });
  }

  counts(): Promise<readonly PlaceCounts[]> {
    return this.#questions.ask({ ask: "counts" });
  }

  stop(): Promise<void> {
    return this.#thread.stop();
  }
}

/** Starts one for each place. Throws FaultlineError GATEWAY_FAILED. */
export async function startTerminators(
  places: readonly TerminatorPlace[],
  onLimit: (code: string) => void,
): Promise<Terminators> {
  let send: (message: Asked<Question>) => void = () => {};
  const questions: Questions = new ThreadQuestions((message) => send(message));
  const thread = await startServerThread<FromTerminators>({
    file: new URL("./worker.js", import.meta.url),
    data: { places },
    name: "the TLS terminator",
    onMessage: (message) => {
      if (message.kind === "limit") onLimit(message.code);
      if (message.kind === "answer") questions.answered(message.id, message.counts);
    },
    error: failed,
  });
  send = (message) => thread.send(message);
  const { first } = thread;
  if (first.kind !== "listening") {
    await thread.stop();
    throw failed(`the TLS terminator did not start${first.kind === "failed" ? `: ${first.message}` : ""}`);
  }
  return new Terminators(thread, new Map(first.addresses), questions);
}

function failed(why: string): FaultlineError {
  return new FaultlineError("GATEWAY_FAILED", why);
}
