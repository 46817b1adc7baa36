import { FaultlineError } from "../../../support/errors.js";
import { type ServerThread, startServerThread } from "../../server-thread.js";
import type { Dials, FromGateways, GatewayPlace, Question } from "./messages.js";

/** The gateways of a run, as other threads see them. */
export class Gateways {
  /** host:port by proxy. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Resolves with the reason when their thread ends without having been told to. */
  readonly died: Promise<string>;
  readonly standstills: ServerThread<FromGateways>["standstills"];
  readonly #thread: ServerThread<FromGateways>;
  readonly #waiting: Waiting;
  #asked = 0;

  constructor(thread: ServerThread<FromGateways>, addresses: ReadonlyMap<string, string>, waiting: Waiting) {
    this.#thread = thread;
    this.addresses = addresses;
    this.died = thread.died;
    this.standstills = thread.standstills;
    this.#waiting = waiting;
    // Who waits for an answer learns of it.
    thread.died.then((reason) => {
      for (const { reject } of waiting.values()) reject(failed(reason));
      waiting.clear();
    });
  }

  /** Connections to each upstream since it was asked last. */
  async dials(): Promise<readonly Dials[]> {
    return (await this.#ask({ ask: "dials" })).dials;
  }

  stop(): Promise<void> {
    return this.#thread.stop();
  }

  #ask(question: Question): Promise<Answer> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#thread.send({ id, question });
    });
  }
}

type Answer = Extract<FromGateways, { kind: "answer" }>;
type Waiting = Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>;

/** Starts one for each place. Throws FaultlineError GATEWAY_FAILED. */
export async function startGateways(
  places: readonly GatewayPlace[],
  onLimit: (code: string) => void,
): Promise<Gateways> {
  const waiting: Waiting = new Map();
  const thread = await startServerThread<FromGateways>({
    file: new URL("./worker.js", import.meta.url),
    data: { places },
    name: "the HTTP gateway",
    onMessage: (message) => {
      if (message.kind === "limit") onLimit(message.code);
      if (message.kind !== "answer") return;
      waiting.get(message.id)?.resolve(message);
      waiting.delete(message.id);
    },
    error: failed,
  });
  const { first } = thread;
  if (first.kind !== "listening") {
    throw failed(`the HTTP gateway did not start${first.kind === "failed" ? `: ${first.message}` : ""}`);
  }
  return new Gateways(thread, new Map(first.addresses), waiting);
}

function failed(why: string): FaultlineError {
  return new FaultlineError("GATEWAY_FAILED", why);
}
