import type { LoadTarget } from "../../plan/load-plan.js";
import type { WebSocketRequest } from "../../requests/websocket/websocket-request.js";
import { type Answer, type AnswerJudgement, type CompiledRequest, DEGRADED } from "../compiled-request.js";
import type { ValueScope, Values } from "../mix/values.js";
import {
  type CompiledMessage,
  compileMessage,
  looksInto,
  type MessageJudgement,
} from "./compiled-message.js";
import type { WebSocketEndpoint } from "./connection/handshake.js";
import { OpeningRequest, type OpeningsOfThread, SWITCHED } from "./opening-request.js";

/** The end of an exchange, whatever it says. */
export interface ExchangeAnswer extends Answer {
  /** Why it is bad, as far as that is known. */
  readonly problem: string | null;
  /** Some message before its last one was a fallback. */
  readonly isDegraded: boolean;
  /** Looks at its last message. null: that is done. */
  readonly check: ((scope: ValueScope) => MessageJudgement) | null;
}

const UNAUTHORIZED = 401;

/** The engine gives back what the channel has made. */
function isExchangeAnswer(answer: Answer): answer is ExchangeAnswer {
  return "problem" in answer && "check" in answer;
}

/** An exchange, ready to be made many times. */
export class MessageExchange implements CompiledRequest {
  /** Each has its own place in its messages. */
  readonly isConstant = false;
  readonly looksInto: boolean;
  readonly keepsConnection: boolean;
  readonly messages: readonly CompiledMessage[];
  /** How many messages have to come. */
  readonly awaited: number;
  /** Nothing has to come behind what it sends last, or at all. */
  readonly endsBySending: boolean;
  readonly #opening: OpeningRequest;
  readonly #isLogin: boolean;
  readonly #received = new WeakMap<object, number>();

  /** @throws SCENARIO_INVALID: a value is not known, or something cannot be looked for. */
  constructor(planned: WebSocketRequest, target: LoadTarget, values: Values, openings: OpeningsOfThread) {
    this.keepsConnection = planned.keepsConnection;
    this.messages = planned.messages.map((message) => compileMessage(message, values));
    const received = planned.messages.filter((message) => message.kind === "receive");
    this.looksInto = openings.sessions !== null || planned.digest !== undefined || received.some(looksInto);
    this.awaited = received.reduce((sum, { count }) => sum + count, 0);
    this.endsBySending = this.messages.at(-1)?.kind !== "receive";
    this.#opening = new OpeningRequest(planned, target, values, openings);
    this.#isLogin = planned.isLogin ?? false;
  }

  /** Where its connection leads, for its user. `channel`: the number of the place for it. */
  endpointFor(scope: ValueScope, channel: number): WebSocketEndpoint {
    return this.#opening.endpointFor(scope, channel);
  }

  judge(answer: Answer, scope: ValueScope): AnswerJudgement {
    if (!isExchangeAnswer(answer)) throw new Error("the answer was not read as one of an exchange");
    const judged = this.#opening.answered(answer, scope) ?? this.#judge(answer, scope);
    if (this.#isLogin && (judged === null || judged === DEGRADED)) this.#opening.loggedIn(scope);
    return judged;
  }

  #judge({ status, problem, check, isDegraded }: ExchangeAnswer, scope: ValueScope): AnswerJudgement {
    if (problem !== null) return problem;
    if (status !== SWITCHED) return `status ${status} to the WebSocket handshake`;
    const last = check === null ? null : check(scope);
    return last === null && isDegraded ? DEGRADED : last;
  }

  /** A login that is no longer good: the handshake says so. */
  isUnauthorized({ status }: Answer): boolean {
    return status === UNAUTHORIZED;
  }

  isChallenge(answer: Answer): boolean {
    return this.#opening.isChallenge(answer);
  }

  /** A message has come that was waited for. */
  note(ticket: object, received: number): void {
    this.#received.set(ticket, received);
  }

  progress(ticket: object): string | null {
    const received = this.#received.get(ticket) ?? 0;
    return received === this.awaited
      ? "not all messages were taken"
      : `${received} of ${this.awaited} messages`;
  }
}
