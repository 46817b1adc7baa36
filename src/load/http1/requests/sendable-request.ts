import type { HttpRequest } from "../../../requests/http/http-request.js";
import { messageOf } from "../../../support/errors.js";
import { AnswerBody } from "../../answers/answer-body.js";
import { type AnswerCheck, compileCheck } from "../../answers/answer-check.js";
import { type CompiledCapture, compileCapture } from "../../answers/captures.js";
import { type Answer, type CompiledRequest, DEGRADED } from "../../compiled-request.js";
import type { ValueScope, Values } from "../../mix/values.js";
import { HeadMemo } from "../connection/head-memo.js";
import {
  type BuildRequest,
  compileRequest,
  type RequestBytes,
  type RequestSurroundings,
} from "./request-bytes.js";

/** A request with what is needed to read and judge its answer. */
export class SendableRequest implements CompiledRequest {
  readonly isConstant: boolean;
  readonly looksInto: boolean;
  readonly isHead: boolean;
  readonly wantsBody: boolean;
  /** Of its last answer, on whichever connection. */
  readonly head = new HeadMemo();
  readonly check: AnswerCheck;
  readonly #degraded: AnswerCheck | null;
  readonly #bytes: RequestBytes;
  readonly #captures: readonly CompiledCapture[];

  /**
   * @param paths names of the captures that give a later step its path.
   * @throws SCENARIO_INVALID for what cannot be sent: unknown values, methods, paths.
   */
  constructor(
    planned: HttpRequest,
    surroundings: RequestSurroundings,
    values: Values,
    build: BuildRequest,
    paths: ReadonlySet<string>,
  ) {
    this.check = compileCheck(planned.expect);
    this.#degraded = planned.degraded ? compileCheck(planned.degraded) : null;
    this.#captures = (planned.capture ?? []).map((capture) =>
      compileCapture(capture, paths.has(capture.name) ? surroundings.targetUrl : null),
    );
    this.#bytes = compileRequest(planned, surroundings, values, build);
    this.isConstant = this.#bytes.constant !== null;
    this.looksInto = this.#checks.some(({ inspect }) => inspect !== null) || this.#captures.length > 0;
    this.isHead = planned.method === "HEAD";
    this.wantsBody = [...this.#checks, ...this.#captures].some(({ wantsBody }) => wantsBody);
  }

  bytesFor(scope: ValueScope): Buffer {
    return this.#bytes.constant ?? this.#bytes.render(scope);
  }

  get #checks(): readonly AnswerCheck[] {
    return this.#degraded === null ? [this.check] : [this.check, this.#degraded];
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
