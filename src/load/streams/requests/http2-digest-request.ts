import type { NameAndPassword } from "../../../requests/authentication/name-and-password.js";
import type { AskedOf, DigestUser } from "../../authentication/digest-answer.js";
import type { DigestLogins } from "../../authentication/digest-logins.js";
import { AGAIN, type Answer, type AnswerJudgement } from "../../compiled-request.js";
import type { HeardStream } from "../../events/heard-stream.js";
import { compileDigestUser } from "../../http/digest-user.js";
import type { ValueScope, Values } from "../../mix/values.js";
import { Http2Request } from "./http2-request.js";

const UNAUTHORIZED = 401;

/** A request that answers challenges of the server. Its session sends it again, with the values that it had. */
export class Http2DigestRequest extends Http2Request {
  override readonly looksInto = true;
  readonly #logins: DigestLogins;
  readonly #userOf: (scope: ValueScope) => DigestUser;

  /** The others: as of any request. It has to have sessions. */
  constructor(
    digest: NameAndPassword,
    logins: DigestLogins,
    values: Values,
    ...others: ConstructorParameters<typeof Http2Request>
  ) {
    super(...others);
    this.#logins = logins;
    this.#userOf = compileDigestUser(digest, values);
  }

  override authorizationOf(asked: AskedOf, scope: ValueScope, channel: number): string | null {
    return this.#logins.valueFor(scope, channel, asked, () => this.#userOf(scope));
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
