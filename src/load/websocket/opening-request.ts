import type { LoadTarget } from "../../plan/load-plan.js";
import type { WebSocketRequest } from "../../requests/websocket/websocket-request.js";
import type { DigestUser } from "../authentication/digest-answer.js";
import type { DigestLogins } from "../authentication/digest-logins.js";
import { AGAIN, type Answer } from "../compiled-request.js";
import { compileBasic } from "../http/basic-value.js";
import { compileDigestUser } from "../http/digest-user.js";
import { compileEncoded } from "../http/encodings.js";
import { renderTemplate } from "../mix/request-template.js";
import type { ValueScope, Values } from "../mix/values.js";
import { sessionsOfNothing, type UserSessions } from "../sessions/user-sessions.js";
import type { HandshakeLogin, WebSocketEndpoint } from "./connection/handshake.js";

/** The status of an exchange that has begun: 101 Switching Protocols. */
export const SWITCHED = 101;
const UNAUTHORIZED = 401;

/** A handshake with its values, as a session may send it again: with the answer to a challenge, or to where it is led. */
export type OpeningText = Pick<WebSocketEndpoint, "path" | "headers" | "ownCookie" | "subprotocols"> & {
  /** Who answers challenges. null: nobody. */
  readonly login: DigestUser | null;
};

/** What the handshakes of one thread share. */
export interface OpeningsOfThread {
  /** null: users remember nothing. */
  readonly sessions: UserSessions<OpeningText> | null;
  readonly logins: DigestLogins;
}

/** The request of HTTP that an exchange begins with, and what its user remembers of the answers. */
export class OpeningRequest {
  readonly #textOf: (scope: ValueScope) => OpeningText;
  readonly #sessions: UserSessions<OpeningText> | null;
  readonly #logins: DigestLogins;
  readonly #answersChallenges: boolean;

  /** @throws SCENARIO_INVALID: a value is not known. */
  constructor(
    planned: WebSocketRequest,
    target: LoadTarget,
    values: Values,
    { sessions, logins }: OpeningsOfThread,
  ) {
    this.#textOf = compileText(planned, target, values);
    this.#answersChallenges = planned.digest !== undefined;
    // What is sent again behind a challenge has the values that it had.
    this.#sessions = sessions ?? (this.#answersChallenges ? sessionsOfNothing(asHttp(target.url)) : null);
    this.#logins = logins;
  }

  /** What goes out next for a user. `channel`: the number of the place for its connection. */
  endpointFor(scope: ValueScope, channel: number): WebSocketEndpoint {
    const session = this.#sessions?.of(scope);
    if (session === undefined) {
      return { ...this.#textOf(scope), cookie: "", keepsCookies: false, login: null };
    }
    const { again, keepsCookies } = session;
    const text = again ?? this.#textOf(scope);
    const hop = again === null ? session.begin(text, "GET", text.path, hostOf(text)) : session.follow();
    const { path, cookie } = hop;
    const login = text.login && this.#loginOf(text.login, path, scope, channel);
    return { ...text, path, cookie, keepsCookies, login };
  }

  /**
   * Takes what an answer brings.
   * @returns AGAIN: the handshake goes out again. A text: why the answer is bad. null: it is the answer to the handshake, or
   *   to what was said behind it.
   */
  answered(answer: Answer, scope: ValueScope): typeof AGAIN | string | null {
    const session = this.#sessions?.of(scope);
    const judged = this.#answersChallenges ? this.#logins.answered(answer, scope) : null;
    if (judged === AGAIN) session?.challenged(answer);
    if (judged !== null) return judged;
    return session?.answered(asOfHttp(answer), answer.status === SWITCHED) ?? null;
  }

  isChallenge({ status }: Answer): boolean {
    return this.#answersChallenges && status === UNAUTHORIZED;
  }

  /** What the user has now is what others begin with who share its login. */
  loggedIn(scope: ValueScope): void {
    this.#sessions?.of(scope).loggedIn();
  }

  #loginOf(user: DigestUser, uri: string, scope: ValueScope, channel: number): HandshakeLogin {
    const asked = { method: "GET", uri };
    return { ...user, authorization: () => this.#logins.valueFor(scope, channel, asked, () => user) };
  }
}

function hostOf({ headers }: OpeningText): string {
  return headers.find(([name]) => name.toLowerCase() === "host")?.[1] ?? "";
}

/** A handshake is a request of HTTP: cookies and redirects of either scheme are the same. */
export function asHttp(url: string): string {
  return url.replace(/^ws(s?):/i, "http$1:");
}

function asOfHttp(answer: Answer): Answer {
  const { headers } = answer;
  if (!headers.some((name, at) => at % 2 === 0 && isLocation(name))) return answer;
  return {
    ...answer,
    headers: headers.map((text, at) =>
      at % 2 === 1 && isLocation(headers[at - 1]!) ? asHttp(text.trim()) : text,
    ),
  };
}

function isLocation(name: string): boolean {
  return name.toLowerCase() === "location";
}

function compileText(
  { path, headers, subprotocols, basic, digest }: WebSocketRequest,
  { url }: LoadTarget,
  values: Values,
): (scope: ValueScope) => OpeningText {
  const { pathname, host } = new URL(url);
  const wholePath = compileEncoded(`${pathname.replace(/\/$/, "")}${path}`, "url", values);
  const all = [
    ...Object.entries(headers).map(
      ([name, value]) => [name, compileEncoded(value, "header", values)] as const,
    ),
    ...(basic ? [["Authorization", compileBasic(basic, values)] as const] : []),
  ];
  const own = all.filter(([name]) => !isCookie(name));
  const cookie = all.find(([name]) => isCookie(name))?.[1] ?? [];
  const hasHost = own.some(([name]) => name.toLowerCase() === "host");
  const userOf = digest && compileDigestUser(digest, values);
  return (scope) => ({
    path: renderTemplate(wholePath, scope),
    headers: [
      ...(hasHost ? [] : [["Host", host] as const]),
      ...own.map(([name, parts]) => [name, renderTemplate(parts, scope)] as const),
    ],
    ownCookie: renderTemplate(cookie, scope),
    subprotocols,
    login: userOf?.(scope) ?? null,
  });
}

const isCookie = (name: string) => name.toLowerCase() === "cookie";
