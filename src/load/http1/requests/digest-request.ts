import type { NameAndPassword } from "../../../requests/authentication/name-and-password.js";
import type { DigestUser } from "../../authentication/digest-answer.js";
import type { DigestLogins } from "../../authentication/digest-logins.js";
import { AGAIN, type Answer, type AnswerJudgement } from "../../compiled-request.js";
import type { HeardStream } from "../../events/heard-stream.js";
import { compileDigestUser } from "../../http/digest-user.js";
import type { ValueScope, Values } from "../../mix/values.js";
import { SendableRequest } from "./sendable-request.js";

const UNAUTHORIZED = 401;

/** A request that answers challenges of the server. */
export class DigestRequest extends SendableRequest {
  override readonly isConstant = false;
  override readonly looksInto = true;
  readonly #logins: DigestLogins;
  readonly #userOf: (scope: ValueScope) => DigestUser;

  /** The others: as of any request. */
  constructor(
    digest: NameAndPassword,
    logins: DigestLogins,
    values: Values,
    ...others: ConstructorParameters<typeof SendableRequest>
  ) {
    super(...others);
    this.#logins = logins;
    this.#userOf = compileDigestUser(digest, values);
  }

  override bytesFor(scope: ValueScope, trace: number, channel: number): Buffer {
    return this.#logins.bytesFor(
      scope,
      channel,
      () => super.bytesFor(scope, trace, channel),
      () => this.#userOf(scope),
      this.sessions !== null,
    );
  }

  isChallenge({ status }: Answer): boolean {
    return status === UNAUTHORIZED;
  }

  override judge(answer: Answer, scope: ValueScope, heard: HeardStream | null): AnswerJudgement {
    const judged = this.#logins.answered(answer, scope);
    if (judged === AGAIN) this.sessions?.of(scope).challenged(answer);
    return judged ?? super.judge(answer, scope, heard);
  }
}
