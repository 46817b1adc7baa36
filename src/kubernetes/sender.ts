import { Patience, sleep } from "../support/clock.js";
import type { ClusterAccess, CredentialSource } from "./access/access.js";
import {
  type AskedOfCluster,
  type ClusterProblem,
  clusterProblemOf,
  inDoubt,
  noAnswerProblem,
} from "./problem.js";
import { type ApiAnswer, type ApiRequest, ApiWire, WireTrouble } from "./wire/api-wire.js";

/** How a request is sent. */
export interface Sent {
  /** The server does all but the deed: it checks, asks its webhooks and answers. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  /** Of one try. */
  readonly timeoutMs?: number;
}

const TRY_MS = 10_000;
const FIRST_PAUSE_MS = 100;
const MOST_PAUSE_MS = 3_000;

interface Refused {
  readonly problem: ClusterProblem;
  /** Whether it may be sent again. */
  readonly mayRepeat: boolean;
  /** Whether it may have been done all the same. */
  readonly isInDoubt: boolean;
  /** null: the server says nothing. */
  readonly afterMs: number | null;
}

type Tried = { readonly kind: "answer"; readonly answer: ApiAnswer } | ({ readonly kind: "none" } & Refused);

/** Sends requests to one API server, with limits of time. */
export class Sender {
  readonly wire: ApiWire;
  /** For people. */
  readonly words: string;
  /** So long it is tried again what the server does not take for now, or what got no answer and may be done twice. */
  readonly #patienceMs: number;
  readonly #credentials: CredentialSource;

  constructor(access: ClusterAccess, words: string, patienceMs: number) {
    this.wire = new ApiWire(access);
    this.#credentials = access.credentials;
    this.words = words;
    this.#patienceMs = patienceMs;
  }

  /** Ends its connections, and what is under way for credentials. */
  async close(): Promise<void> {
    this.wire.close();
    await this.#credentials.end?.();
  }

  /**
   * Sends it, again where that helps: 429 is not done yet; what got no answer is asked again where doing it twice is doing it
   * once. The problem that is thrown then says `isInDoubt`: it may have been done the first time.
   * @param isAnswer an answer that is no success, and is an answer all the same.
   */
  async send(
    asked: AskedOfCluster,
    request: Omit<ApiRequest, "timeoutMs" | "signal">,
    { signal, timeoutMs = TRY_MS }: Sent,
    isAnswer: (body: unknown) => boolean = () => false,
  ): Promise<unknown> {
    const patience = new Patience(this.#patienceMs);
    let isInDoubt = false;
    try {
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, MOST_PAUSE_MS)) {
        const tried = await this.#try(asked, { ...request, timeoutMs, signal });
        if (tried.kind === "answer") {
          const { status, body } = tried.answer;
          if ((status >= 200 && status < 300) || isAnswer(body)) return body;
        }
        const refused = tried.kind === "answer" ? this.#refusal(asked, request, tried.answer) : tried;
        const { problem, mayRepeat, afterMs } = refused;
        isInDoubt ||= refused.isInDoubt || (tried.kind === "answer" && tried.answer.isRepeated === true);
        const waitMs = afterMs ?? pauseMs;
        if (!mayRepeat || patience.leftMs <= waitMs) throw isInDoubt ? inDoubt(problem) : problem;
        await sleep(waitMs, signal);
      }
    } finally {
      patience.end();
    }
  }

  async #try(asked: AskedOfCluster, request: ApiRequest): Promise<Tried> {
    try {
      return { kind: "answer", answer: await this.wire.ask(request) };
    } catch (error) {
      if (!(error instanceof WireTrouble)) throw error;
      if (error.id === "stopped") throw request.signal?.reason ?? error;
      const problem = noAnswerProblem(error.id, error.message, asked, this.words);
      const mayRepeat = error.id !== "untrusted" && (!error.maySent || request.method !== "POST");
      return { kind: "none", problem, mayRepeat, isInDoubt: error.maySent, afterMs: null };
    }
  }

  #refusal(
    asked: AskedOfCluster,
    { method }: Pick<ApiRequest, "method">,
    { status, body, retryAfterMs }: ApiAnswer,
  ): Refused {
    const problem = clusterProblemOf(status, body, asked, this.words);
    const isInDoubt = problem.facts.id === "server";
    const mayRepeat = status === 429 || (isInDoubt && method !== "POST");
    return { problem, mayRepeat, isInDoubt, afterMs: retryAfterMs };
  }
}
