import { FaultlineError } from "../../support/errors.js";
import type { FromPlaces, QuestionOf, QuestionTable } from "./place-messages.js";
import { type ServerThread, startServerThread } from "./server-thread.js";
import { type NumberedQuestion, ThreadQuestions } from "./thread-questions.js";

type Questioning<Table extends QuestionTable<Table>> = ThreadQuestions<
  QuestionOf<Table>,
  ReadonlyMap<string, unknown>
>;

/** Servers of ours that stand behind proxies, one for each, in one thread. */
export class PlaceServers<Table extends QuestionTable<Table>> {
  /** host:port by proxy. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Resolves with the reason when their thread ends without having been told to. */
  readonly died: Promise<string>;
  readonly standstills: ServerThread<FromPlaces>["standstills"];
  readonly #thread: ServerThread<FromPlaces>;
  readonly #questions: Questioning<Table>;

  constructor(
    thread: ServerThread<FromPlaces>,
    addresses: ReadonlyMap<string, string>,
    questions: Questioning<Table>,
  ) {
    this.#thread = thread;
    this.addresses = addresses;
    this.died = thread.died;
    this.standstills = thread.standstills;
    this.#questions = questions;
    thread.died.then((reason) => questions.end(failed(reason)));
  }

  /** By proxy. Rejects once the thread has ended. */
  async ask<Name extends keyof Table>(
    ask: Name,
    about: Table[Name]["about"],
  ): Promise<ReadonlyMap<string, Table[Name]["answer"]>> {
    const byProxy = await this.#questions.ask({ ask, about });
    // The thread answers with what the question says: both sides go by the same table.
    return byProxy as ReadonlyMap<string, Table[Name]["answer"]>;
  }

  stop(): Promise<void> {
    return this.#thread.stop();
  }
}

export interface PlaceServersOptions {
  /** Of the thread; it calls `servePlaces`. */
  readonly file: URL;
  /** With the places. */
  readonly data: object;
  /** For messages: "the HTTP gateway". */
  readonly name: string;
  /** Gets the system's code when a connection was lost to a limit of this process. */
  readonly onLimit: (code: string) => void;
}

/** Throws FaultlineError GATEWAY_FAILED; nothing is left then. */
export async function startPlaceServers<Table extends QuestionTable<Table>>({
  name,
  ...options
}: PlaceServersOptions): Promise<PlaceServers<Table>> {
  let send: (message: NumberedQuestion<QuestionOf<Table>>) => void = () => {};
  const questions: Questioning<Table> = new ThreadQuestions((message) => send(message));
  const thread = await startServerThread<FromPlaces>({
    ...options,
    name,
    onMessage: (message) => {
      if (message.kind === "answer") questions.answered(message.id, message.byProxy);
    },
    error: failed,
  });
  send = (message) => thread.send(message);
  const { first } = thread;
  if (first.kind !== "listening") {
    await thread.stop();
    throw failed(`${name} did not start${first.kind === "failed" ? `: ${first.message}` : ""}`);
  }
  return new PlaceServers(thread, first.addresses, questions);
}

function failed(why: string): FaultlineError {
  return new FaultlineError("GATEWAY_FAILED", why);
}
