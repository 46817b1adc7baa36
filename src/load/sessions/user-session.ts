import type { SessionPlan } from "../../plan/load-plan.js";
import { headerValue } from "../answers/answer-body.js";
import { AGAIN, type Answer } from "../compiled-request.js";
import { isRedirect, leadOf } from "./redirect.js";
import type { UserJar } from "./user-jars.js";

/** What of a request differs from hop to hop. */
export interface Hop {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** The value of a Cookie header, from the user's own cookies. "" when there is none to send. */
  readonly cookie: string;
  /** The first request had a body, and this one has it as well. */
  readonly keepsBody: boolean;
}

/**
 * What a virtual user remembers from one answer to its next request.
 * @template Sent what its wire keeps of a request, to send it again to where its answer leads.
 */
export class UserSession<Sent> {
  readonly #plan: SessionPlan;
  readonly #target: string;
  readonly #jar: UserJar | null;
  #sent: { readonly first: Sent; readonly hop: Hop; readonly url: string; readonly origin: string } | null =
    null;
  #next: { readonly method: string; readonly path: string } | null = null;
  #hops = 0;
  /** What was asked since the request as it is written. */
  readonly #asked = new Set<string>();

  /** `jar` null: cookies are not kept. */
  constructor(plan: SessionPlan, target: string, jar: UserJar | null) {
    this.#plan = plan;
    this.#target = target;
    this.#jar = jar;
  }

  get keepsCookies(): boolean {
    return this.#jar !== null;
  }

  /** The user has logged in. Others may begin with the cookies that it has now. */
  loggedIn(): void {
    this.#jar?.loggedIn();
  }

  /** The request that is sent again to where its answer leads. @returns null when a request begins. */
  get again(): Sent | null {
    return this.#next === null ? null : (this.#sent?.first ?? null);
  }

  /**
   * A request goes out as it is written.
   * @param host as its Host header says. That is what its cookies belong to.
   */
  begin(first: Sent, method: string, path: string, host: string): Hop {
    const origin = `${new URL(this.#target).protocol}//${host}`;
    this.#next = null;
    this.#hops = 0;
    this.#asked.clear();
    return this.#go(first, { method, path, keepsBody: true }, origin);
  }

  /** It goes out again. Call it where `again` is not null. */
  follow(): Hop {
    const [sent, next] = [this.#sent, this.#next];
    if (sent === null || next === null) throw new Error("no answer leads anywhere");
    this.#next = null;
    this.#hops += 1;
    const keepsBody = sent.hop.keepsBody && next.method === sent.hop.method;
    return this.#go(sent.first, { ...next, keepsBody }, sent.origin);
  }

  /**
   * Takes the cookies of an answer, and follows it where it leads elsewhere.
   * @param isAsExpected its status is a good one: then a redirect is the right answer.
   * @returns null when it is the answer, else as `CompiledRequest.judge`.
   */
  answered(answer: Answer, isAsExpected: boolean): typeof AGAIN | string | null {
    const sent = this.#sent;
    if (sent === null) return null;
    this.#jar?.cookies.take(answer.headers, sent.url);
    if (isAsExpected || this.#plan.follow === 0 || !isRedirect(answer.status)) return null;
    const location = headerValue(answer.headers, "location");
    const lead = leadOf(answer.status, location, sent.hop.method, sent.url, this.#target);
    if (!lead.ok) return lead.reason;
    const cookie = this.#jar?.cookies.valueFor(`${sent.origin}${lead.path}`) ?? "";
    if (this.#asked.has(keyOf({ ...lead, cookie }))) return "redirect loop";
    if (this.#hops >= this.#plan.follow) return `more than ${redirects(this.#plan.follow)}`;
    this.#next = lead;
    return AGAIN;
  }

  /** Takes the cookies of an answer that asks who the user is: the same request goes out again, with them. */
  challenged({ headers }: Answer): void {
    const sent = this.#sent;
    if (sent === null) return;
    this.#jar?.cookies.take(headers, sent.url);
    this.#next = sent.hop;
    // It leads nowhere else.
    this.#hops -= 1;
  }

  #go(first: Sent, request: Omit<Hop, "cookie">, origin: string): Hop {
    const url = `${origin}${request.path}`;
    const hop = { ...request, cookie: this.#jar?.cookies.valueFor(url) ?? "" };
    this.#sent = { first, hop, url, origin };
    if (this.#plan.follow > 0) this.#asked.add(keyOf(hop));
    return hop;
  }
}

/** The same with other cookies is no loop: many pages set a cookie and send their reader to the same page once more. */
function keyOf({ method, path, cookie }: Pick<Hop, "method" | "path" | "cookie">): string {
  return `${method} ${path}\n${cookie}`;
}

function redirects(count: number): string {
  return count === 1 ? "1 redirect" : `${count} redirects`;
}
