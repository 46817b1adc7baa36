import { FaultlineError } from "../../../support/errors.js";
import { type ServerThread, startServerThread } from "../../between/server-thread.js";
import { type Asked, ThreadQuestions } from "../../between/thread-questions.js";
import type { FromGateways, GatewayPlace, GatewaysStart, Question, Questions } from "./messages.js";

type ByProxy = Extract<FromGateways, { kind: "answer" }>["byProxy"];
type Questioning = ThreadQuestions<Question, ByProxy>;

/** The gateways of a run, as other threads see them. */
export class Gateways {
  /** host:port by proxy. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Resolves with the reason when their thread ends without having been told to. */
  readonly died: Promise<string>;
  readonly standstills: ServerThread<FromGateways>["standstills"];
  readonly #thread: ServerThread<FromGateways>;
  readonly #questions: Questioning;

  constructor(
    thread: ServerThread<FromGateways>,
    addresses: ReadonlyMap<string, string>,
    questions: Questioning,
  ) {
    this.#thread = thread;
    this.addresses = addresses;
    this.died = thread.died;
    this.standstills = thread.standstills;
    this.#questions = questions;
    thread.died.then((reason) => questions.end(failed(reason)));
  }

  /** By proxy. Rejects once the thread has ended. */
  async ask<Name extends keyof Questions>(
    ask: Name,
    about: Questions[Name]["about"],
  ): Promise<ReadonlyMap<string, Questions[Name]["answer"]>> {
    // A name and what it is about go together: both are of the same entry.
    const byProxy = await this.#questions.ask({ ask, about } as Question);
    // The thread answers with what the question says: both sides go by the same list.
    return byProxy as ReadonlyMap<string, Questions[Name]["answer"]>;
  }

  stop(): Promise<void> {
    return this.#thread.stop();
  }
}

/** Starts one for each place. Throws FaultlineError GATEWAY_FAILED. */
export async function startGateways(
  places: readonly GatewayPlace[],
  seed: number,
  onLimit: (code: string) => void,
): Promise<Gateways> {
  let send: (message: Asked<Question>) => void = () => {};
  const questions: Questioning = new ThreadQuestions((message) => send(message));
  const data: Omit<GatewaysStart, "standstills"> = { places, seed };
  const thread = await startServerThread<FromGateways>({
    file: new URL("./worker.js", import.meta.url),
    data,
    name: "the HTTP gateway",
    onMessage: (message) => {
      if (message.kind === "limit") onLimit(message.code);
      if (message.kind === "answer") questions.answered(message.id, message.byProxy);
    },
    error: failed,
  });
  send = (message) => thread.send(message);
  const { first } = thread;
  if (first.kind !== "listening") {
    await thread.stop();
    throw failed(`the HTTP gateway did not start${first.kind === "failed" ? `: ${first.message}` : ""}`);
  }
  return new Gateways(thread, new Map(first.addresses), questions);
}

function failed(why: string): FaultlineError {
  return new FaultlineError("GATEWAY_FAILED", why);
}
