import { CookieJar } from "tough-cookie";
import { headerText } from "../answers/answer-body.js";

/** The cookies of one virtual user. What a browser would not take is not kept: those of other hosts, or malformed ones. */
export class UserCookies {
  readonly #jar: CookieJar;

  constructor(jar = new CookieJar()) {
    this.#jar = jar;
  }

  /** The same cookies for another user. What either gets from now on is its own. */
  copy(): UserCookies {
    return new UserCookies(this.#jar.cloneSync());
  }

  /** `headers`: of an answer from that URL, names and values in turn. */
  take(headers: readonly string[], url: string): void {
    for (let i = 0; i + 1 < headers.length; i += 2) {
      const name = headers[i]!;
      if (name.length !== 10 || name.toLowerCase() !== "set-cookie") continue;
      this.#jar.setCookieSync(headerText(headers[i + 1]!), url, { ignoreError: true });
    }
  }

  /** The value of a Cookie header for that URL. "" when there is none to send. */
  valueFor(url: string): string {
    return this.#jar.getCookieStringSync(url);
  }
}
