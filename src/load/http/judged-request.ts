import { type HttpRequest, isHttpRequest } from "../../requests/http/http-request.js";
import type { PlannedRequest } from "../../requests/planned-request.js";
import { messageOf } from "../../support/errors.js";
import { AnswerBody } from "../answers/answer-body.js";
import { type AnswerCheck, compileCheck } from "../answers/answer-check.js";
import { type CompiledCapture, compileCapture } from "../answers/captures.js";
import { type Answer, type CompiledRequest, DEGRADED } from "../compiled-request.js";
import type { Ticket } from "../mix/ticket.js";
import type { ValueScope } from "../mix/values.js";

/** What an HTTP request wants to know of its answer, whatever the version. */
export abstract class JudgedRequest implements CompiledRequest {
  abstract readonly isConstant: boolean;
  readonly looksInto: boolean;
  readonly isHead: boolean;
  readonly wantsBody: boolean;
  readonly check: AnswerCheck;
  readonly #degraded: AnswerCheck | null;
  readonly #captures: readonly CompiledCapture[];

  /**
   * @param paths names of the captures that give a later step its path.
   * @param targetUrl the target that such a path must belong to.
   * @throws SCENARIO_INVALID for what cannot be looked for.
   */
  constructor(planned: HttpRequest, paths: ReadonlySet<string>, targetUrl: string) {
    this.check = compileCheck(planned.expect);
    this.#degraded = planned.degraded ? compileCheck(planned.degraded) : null;
    this.#captures = (planned.capture ?? []).map((capture) =>
      compileCapture(capture, paths.has(capture.name) ? targetUrl : null),
    );
    const checks = this.#degraded === null ? [this.check] : [this.check, this.#degraded];
    this.looksInto = checks.some(({ inspect }) => inspect !== null) || this.#captures.length > 0;
    this.isHead = planned.method === "HEAD";
    this.wantsBody = [...checks, ...this.#captures].some(({ wantsBody }) => wantsBody);
  }

  judge(answer: Answer, scope: ValueScope): string | typeof DEGRADED | null {
    const mayBeDegraded = this.#degraded?.statusOk(answer.status) === true;
    if (!mayBeDegraded && !this.check.statusOk(answer.status)) return this.check.statusReason(answer.status);
    if (!this.looksInto) return mayBeDegraded ? DEGRADED : null;
    try {
      return this.#lookInto(answer, scope, mayBeDegraded);
    } catch (error) {
      // The answer is too much for us, such as one that is nested too deeply.
      return `answer that cannot be looked into: ${messageOf(error)}`;
    }
  }

  /** Looks at headers and body and takes the captures. */
  #lookInto(answer: Answer, scope: ValueScope, mayBeDegraded: boolean): string | typeof DEGRADED | null {
    const body = new AnswerBody(answer.body);
    const isDegraded = mayBeDegraded && !this.#degraded?.inspect?.(answer.headers, body);
    if (!isDegraded) {
      if (!this.check.statusOk(answer.status)) return this.check.statusReason(answer.status);
      const reason = this.check.inspect?.(answer.headers, body) ?? null;
      if (reason !== null) return reason;
    }
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

/** Whether an answer of that status would be the first that is bad for its reason in this segment. */
export function wantsSample(ticket: Ticket<JudgedRequest> | undefined, status: number): boolean {
  if (ticket === undefined) return false;
  const { check } = ticket.request;
  return !check.statusOk(status) && ticket.segment.lacksSample(check.statusReason(status));
}

/** @throws Error when it is of another kind: the protocol was chosen because it sends this one. */
export function asHttpRequest(request: PlannedRequest): HttpRequest {
  if (isHttpRequest(request)) return request;
  throw new Error(`"${request.name}" is a request of ${request.kind}, and the target one of http`);
}
