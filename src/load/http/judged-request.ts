import { type HttpRequest, isHttpRequest } from "../../requests/http/http-request.js";
import type { PlannedRequest } from "../../requests/planned-request.js";
import type { StreamPlan } from "../../requests/stream-plan.js";
import { messageOf } from "../../support/errors.js";
import { formatMs } from "../../support/format.js";
import { AnswerBody } from "../answers/answer-body.js";
import { type AnswerCheck, compileCheck } from "../answers/answer-check.js";
import { type CompiledCapture, compileCapture } from "../answers/captures.js";
import {
  type Answer,
  type AnswerJudgement,
  type CompiledRequest,
  DEGRADED,
  NotYet,
} from "../compiled-request.js";
import { HeardEvents } from "../events/heard-events.js";
import type { HeardStream } from "../events/heard-stream.js";
import type { Ticket } from "../mix/ticket.js";
import type { ValueScope } from "../mix/values.js";
import type { UserSessions } from "../sessions/user-sessions.js";
import { nowUs } from "../thread-clock.js";

const UNAUTHORIZED = 401;

/** What an HTTP request wants to know of its answer, whatever the version. */
export abstract class JudgedRequest<Sent = unknown> implements CompiledRequest {
  abstract readonly isConstant: boolean;
  readonly looksInto: boolean;
  readonly isHead: boolean;
  readonly wantsBody: boolean;
  readonly check: AnswerCheck;
  readonly #degraded: AnswerCheck | null;
  /** What must hold, so that it is not asked again. */
  readonly #until: { readonly check: AnswerCheck; readonly within: string } | null;
  readonly #captures: readonly CompiledCapture[];
  /** null: its answer is no stream. */
  readonly stream: StreamPlan | null;
  /** null: users remember nothing. */
  readonly sessions: UserSessions<Sent> | null;
  readonly #isLogin: boolean;

  /**
   * @param paths names of the captures that give a later step its path.
   * @param targetUrl the target that such a path must belong to.
   * @throws SCENARIO_INVALID for what cannot be looked for.
   */
  constructor(
    planned: HttpRequest,
    paths: ReadonlySet<string>,
    targetUrl: string,
    sessions: UserSessions<Sent> | null = null,
  ) {
    this.sessions = sessions;
    this.stream = planned.stream ?? null;
    this.#isLogin = planned.isLogin ?? false;
    this.check = compileCheck(planned.expect);
    this.#degraded = planned.degraded ? compileCheck(planned.degraded) : null;
    this.#captures = (planned.capture ?? []).map((capture) =>
      compileCapture(capture, paths.has(capture.name) ? targetUrl : null),
    );
    this.#until =
      planned.until && planned.asksAgain
        ? { check: compileCheck(planned.until), within: formatMs(planned.asksAgain.withinMs) }
        : null;
    const checks = [this.check, this.#degraded, this.#until?.check ?? null].filter((check) => check !== null);
    this.looksInto =
      sessions !== null ||
      this.#until !== null ||
      checks.some(({ inspect }) => inspect !== null) ||
      this.#captures.length > 0;
    this.isHead = planned.method === "HEAD";
    this.wantsBody = [...checks, ...this.#captures].some(({ wantsBody }) => wantsBody);
  }

  get streams(): boolean {
    return this.stream !== null;
  }

  /** Whether a good answer, or a fallback, may have that status. */
  isGood(status: number): boolean {
    return this.check.statusOk(status) || this.#degraded?.statusOk(status) === true;
  }

  judge(answer: Answer, scope: ValueScope, heard: HeardStream | null): AnswerJudgement {
    if (this.sessions === null) return this.#judge(answer, scope, heard);
    const session = this.sessions.of(scope);
    const led = session.answered(answer, this.isGood(answer.status));
    const judged = led ?? this.#judge(answer, scope, heard);
    if (this.#isLogin && (judged === null || judged === DEGRADED)) session.loggedIn();
    return judged;
  }

  isUnauthorized({ status }: Answer): boolean {
    return status === UNAUTHORIZED;
  }

  #judge(answer: Answer, scope: ValueScope, heard: HeardStream | null): AnswerJudgement {
    const mayBeDegraded = this.#degraded?.statusOk(answer.status) === true;
    if (!mayBeDegraded && !this.check.statusOk(answer.status)) return this.check.statusReason(answer.status);
    if (heard !== null && heard.problem !== null) return heard.problem;
    if (!this.looksInto) return mayBeDegraded ? DEGRADED : null;
    try {
      return this.#lookInto(answer, scope, mayBeDegraded);
    } catch (error) {
      // The answer is too much for us, such as one that is nested too deeply.
      return `answer that cannot be looked into: ${messageOf(error)}`;
    }
  }

  /** Looks at headers and body and takes the captures. */
  #lookInto(answer: Answer, scope: ValueScope, mayBeDegraded: boolean): AnswerJudgement {
    const body = new AnswerBody(answer.body, answer.headers);
    const isDegraded = mayBeDegraded && !this.#degraded?.inspect?.(answer.headers, body);
    const reason = isDegraded ? null : reasonOf(this.check, answer, body);
    if (reason !== null) return reason;
    const open = this.#until && reasonOf(this.#until.check, answer, body);
    if (open !== null) return new NotYet(`not within ${this.#until?.within}: ${open}`, isDegraded);
    for (const capture of this.#captures) {
      const value = capture.find(answer.headers, body);
      if (value === null) return `capture ${capture.name} found nothing`;
      const problem = capture.problem(value);
      if (problem !== null) return `capture ${capture.name} ${problem}`;
      scope.captures.set(capture.name, value);
    }
    return isDegraded ? DEGRADED : null;
  }
}

/** Why an answer is not as expected. null: it is. */
function reasonOf(check: AnswerCheck, answer: Answer, body: AnswerBody): string | null {
  if (!check.statusOk(answer.status)) return check.statusReason(answer.status);
  return check.inspect?.(answer.headers, body) ?? null;
}

/** Whether an answer of that status would be the first that is bad for its reason in this segment. */
export function wantsSample(ticket: Ticket<JudgedRequest> | undefined, status: number): boolean {
  if (ticket === undefined) return false;
  const { check } = ticket.request;
  return !check.statusOk(status) && ticket.segment.lacksSample(check.statusReason(status));
}

/** Begins to listen to a stream. The ticket keeps what is heard, so that it is there when the stream is broken off, too. */
export function hear(ticket: Ticket<JudgedRequest>, status: number, headers: readonly string[]): HeardEvents {
  const { request, dueUs } = ticket;
  if (request.stream === null) throw new Error("this answer is no stream");
  const heard = new HeardEvents(request.stream, dueUs, nowUs(), request.isGood(status), headers);
  ticket.heard = heard;
  return heard;
}

/** @throws Error when it is of another kind: the protocol was chosen because it sends this one. */
export function asHttpRequest(request: PlannedRequest): HttpRequest {
  if (isHttpRequest(request)) return request;
  throw new Error(`"${request.name}" is a request of ${request.kind}, and the target one of http`);
}
